/** How commands behave towards those who read their output, and those who stop them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteName } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { CatalogueFill, FILE } from '../support/catalogue/fill.ts';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveCommand, varveEnv } from '../support/varve.ts';

const onWindows = process.platform === 'win32' && 'Windows has no such signals and pipes';

const linuxOnly = { skip: process.platform !== 'linux' && 'elsewhere a pipe is waited for' };

/** A folder that takes a while to save: no two files are alike. */
function makeLargeFolder(folder: string): void {
  for (let group = 0; group < 20; group++) {
    mkdirSync(join(folder, `${group}`), { recursive: true });
    for (let file = 0; file < 100; file++) writeFileSync(join(folder, `${group}/${file}`), `${group} ${file} `.repeat(2000));
  }
}

/** So many files that what is found does not fit into a pipe. */
const FILES = 20_000;

function makeLargeCatalogue(home: string): DatabaseSync {
  const database = openForWriting(join(home, 'catalogue.db'));
  const fill = new CatalogueFill(database);
  const root = fill.root('/w' as ByteName);
  for (let i = 0; i < FILES; i++) fill.add(root, `${'a rather long name '.repeat(8)}${i}` as ByteName, { type: FILE, size: i });
  fill.finish();
  return database;
}

describe('streams and signals', { skip: onWindows }, () => {
  it('a reader that has seen enough is no failure', (context) => {
    const top = scratchFolder(context);
    const home = join(top, 'home');
    mkdirSync(join(top, 'docs'));
    for (let i = 0; i < 3000; i++) writeFileSync(join(top, 'docs', `a rather long name of a file, number ${i}`), '');
    assert.equal(varve(home, ['save', join(top, 'docs')]).status, 0);
    const [file, args] = varveCommand('ls', 'docs', '-l');
    const line = `'${file}' ${args.map((arg) => `'${arg}'`).join(' ')} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { env: varveEnv(home), encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(stdout.trimEnd().split('\n').at(-1), '0');
  });

  it('Ctrl-C stops a save cleanly: no revision, exit status 130, what was kept, and the next save works', async (context) => {
    const top = scratchFolder(context);
    const home = join(top, 'home');
    makeLargeFolder(join(top, 'docs'));
    // The save waits for its patterns: so it has begun when the pipe can be opened, and is stopped before it is done.
    const patterns = join(top, 'patterns');
    spawnSync('mkfifo', [patterns]);
    const [file, args] = varveCommand('save', join(top, 'docs'), '--exclude-from', patterns, '--threads', '1');
    const child = spawn(file, args, { env: varveEnv(home), stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = once(child, 'exit');
    const said = text(child.stderr);
    // Should the save end early, opening the other end lets this one go.
    child.once('exit', () => closeSync(openSync(patterns, constants.O_RDONLY | constants.O_NONBLOCK)));
    const pipe = await open(patterns, 'w');
    child.kill('SIGINT');
    await pipe.close();
    const [status] = await exited;
    assert.match(await said, /\nvarve: interrupted\nNo revision was added\. What was stored already is kept/);
    assert.equal(status, 130);
    assert.equal(varve(home, ['log', 'docs']).status, 1);
    assert.equal(varve(home, ['save', join(top, 'docs'), '--quiet']).status, 0);
    assert.equal(varve(home, ['verify']).status, 0);
  });

  it('Ctrl-C ends a search wherever it is', async (context) => {
    const home = scratchFolder(context);
    makeLargeCatalogue(home).close();
    const [file, args] = varveCommand('search', 'name');
    const child = spawn(file, args, { env: varveEnv(home), stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    // Nothing is read after that there is something: so it cannot get to its end.
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    assert.deepEqual(await exited, [null, 'SIGINT']);
  });

  it('a search whose output nobody reads holds no moment of the catalogue for long, and loses none of it', linuxOnly, async (context) => {
    const home = scratchFolder(context);
    const database = makeLargeCatalogue(home);
    const gate = join(home, 'gate');
    spawnSync('mkfifo', [gate]);
    const opened = openSync(gate, 'r+');
    const [file, args] = varveCommand('search', 'name');
    // Through a pipe as shells make them; Node's are sockets.
    const child = spawn('bash', ['-c', '"$@" | { head -c 1; cat "$GATE"; cat; }', 'bash', file, ...args], {
      env: { ...varveEnv(home), GATE: gate },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    context.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'readable');
    database.exec('UPDATE node SET size = 1');
    // The log cannot be given back while somebody reads of the time before.
    const isHeld = () => database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 1;
    while (isHeld()) await sleep(50);
    database.close();
    closeSync(opened);
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    assert.deepEqual([lines.length, new Set(lines).size], [FILES, FILES]);
    assert.ok(lines.every((line) => /^\/w\/(a rather long name ){8}\d+$/.test(line)));
  });

  it('standard output to a full disk is a failure', { skip: process.platform !== 'linux' && 'only Linux has /dev/full' }, (context) => {
    const home = join(scratchFolder(context), 'home');
    const [file, args] = varveCommand('config', 'show');
    const { status, stderr } = spawnSync('bash', ['-c', '"$@" > /dev/full', 'bash', file, ...args], {
      env: varveEnv(home),
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /no space left on device/);
  });
});
