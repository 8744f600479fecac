/** Copies of the catalogue as a user makes them and puts them back: one process for each command. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { startDaemon } from '../support/start-daemon.ts';
import { type VarveRun, varve, varveCommand, varveEnv } from '../support/varve.ts';

const LIMIT = { timeout: 600_000, skip: process.platform === 'win32' && 'the daemon needs UNIX sockets' };

/** A home that has watched a folder with one file, and is done. */
function watched(context: TestContext) {
  const top = scratchFolder(context);
  const home = join(top, 'home');
  const docs = join(top, 'docs');
  mkdirSync(docs);
  writeFileSync(join(docs, 'letter'), 'Dear Ann');
  const run = (...args: string[]): VarveRun => varve(home, args, { cwd: top });
  const done = (...args: string[]): string => {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  done('start', '--once', docs);
  return { top, home, docs, run, done };
}

describe('varve catalogue', LIMIT, () => {
  it('makes a copy and puts it back, with the history and the contents of then', (context) => {
    const { docs, home, done, top } = watched(context);
    const [report] = [done('catalogue', 'backup', 'copy.db', '--json')].map((text) => JSON.parse(text));
    assert.deepEqual(report, { file: join(top, 'copy.db'), bytes: statSync(join(top, 'copy.db')).size, nodes: 2 });
    assert.equal(statSync(join(top, 'copy.db')).mode & 0o777, 0o600);
    rmSync(join(home, 'catalogue.db'));
    writeFileSync(join(docs, 'letter'), 'Dear Ann, and all');
    const restored = JSON.parse(done('catalogue', 'restore', 'copy.db', '--json'));
    assert.deepEqual(restored, { file: join(top, 'copy.db'), nodes: 2, kept: 1, lost: 0 });
    done('check');
    done('start', '--once');
    assert.equal(done('events', docs).trim().split('\n').length, 1);
    const [, , first = ''] = done('log', join(docs, 'letter'), '--json').match(/(.*\n)(.*)\n/) ?? [];
    assert.equal(JSON.parse(first).kind, 'found');
    assert.equal(done('cat', `${join(docs, 'letter')}@${JSON.parse(first).time}`), 'Dear Ann');
  });

  it('tells people what it has done, and where the former catalogue is', (context) => {
    const { done, run, home } = watched(context);
    assert.match(done('catalogue', 'backup', 'copy.db'), /^Copied 2 files and folders into \S+\/copy\.db, .+iB\.\n$/);
    const { stderr, status } = run('catalogue', 'backup', 'copy.db');
    assert.equal(status, 1);
    assert.match(stderr, /there is a file already: \S+\nName another one, or replace it with --force\./);
    done('catalogue', 'backup', 'copy.db', '--force');
    assert.match(
      done('catalogue', 'restore', 'copy.db'),
      /^The catalogue is that of \S+: 2 files and folders, 1 content kept\.\nThe one before is \S+\/catalogue\.db\.replaced-\S+Z\. Delete/,
    );
    assert.equal(readdirSync(home).filter((name) => name.startsWith('catalogue.db')).length, 2);
  });

  it('puts nothing back while a daemon runs', async (context) => {
    const { home, done, run } = watched(context);
    done('catalogue', 'backup', 'copy.db');
    await startDaemon(context, join(home, 'state'));
    const { status, stderr } = run('catalogue', 'restore', 'copy.db');
    assert.equal(status, 1);
    assert.match(stderr, /a daemon runs here already, with pid \d+\n.*varve stop/);
    done('catalogue', 'backup', 'copy.db', '--force');
  });

  it('ends whoever follows the events of the catalogue that is replaced', async (context) => {
    const { home, docs, done } = watched(context);
    writeFileSync(join(docs, 'second'), 'Dear Bob');
    done('start', '--once');
    done('catalogue', 'backup', 'copy.db');
    const [program, args] = varveCommand('events', '--follow');
    const child = spawn(program, args, { env: varveEnv(home), stdio: 'pipe' });
    context.after(() => child.kill('SIGKILL'));
    const said = text(child.stderr);
    await once(child.stdout, 'data');
    done('catalogue', 'restore', 'copy.db');
    const [status] = await once(child, 'exit');
    assert.equal(status, 1);
    assert.match(await said, /another catalogue has taken the place of \S+catalogue\.db\nBegin again/);
  });

  it('dumps lines of JSON from which the catalogue is made again', (context) => {
    const { top, home, docs, done } = watched(context);
    // More than a pipe of a test takes.
    const file = join(top, 'dump.json');
    const [program, args] = varveCommand('catalogue', 'dump');
    assert.equal(spawnSync(program, args, { stdio: ['ignore', openSync(file, 'w'), 'inherit'], env: varveEnv(home) }).status, 0);
    const text = readFileSync(file, 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([lines[0].dump, lines[0].format, lines.at(-1).end, lines.at(-1).rows], ['varve catalogue', 1, true, lines.length - 2]);
    const letter = lines.find(({ table, name }) => table === 'node' && name === 'letter');
    assert.equal(letter.size, 8);
    assert.match(letter.mtime, /^\d{19}$/);
    rmSync(join(home, 'catalogue.db'));
    done('catalogue', 'restore', file);
    done('check');
    assert.match(done('search', 'letter'), /letter\n$/);
    assert.equal(done('cat', `${join(docs, 'letter')}@now`), 'Dear Ann');
  });

  it('says how it is used', (context) => {
    const home = scratchFolder(context);
    for (const args of [
      ['catalogue'],
      ['catalogue', 'burn'],
      ['catalogue', 'backup'],
      ['catalogue', 'dump', 'f'],
      ['catalogue', 'dump', '--force'],
    ])
      assert.equal(varve(home, args).status, 2, args.join(' '));
    assert.match(varve(home, ['catalogue', 'backup', 'f']).stderr, /there is no catalogue yet/);
  });
});
