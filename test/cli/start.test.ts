import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DaemonClient } from '../../src/serve/client.ts';
import type { RootStatus } from '../../src/serve/types.ts';
import { scratchFolder } from '../support/scratch.ts';
import { varve, varveEnv } from '../support/varve.ts';
import { startWatching } from '../support/watching.ts';

/** A folder with some files, and a home beside it. */
function prepare(context: TestContext): { top: string; home: string; docs: string } {
  const top = fs.realpathSync(scratchFolder(context));
  const docs = join(top, "Anna's docs");
  fs.mkdirSync(join(docs, 'letters'), { recursive: true });
  fs.writeFileSync(join(docs, 'read me.txt'), 'hello\n');
  fs.writeFileSync(join(docs, 'letters', 'one.txt'), 'Dear Bob\n');
  return { top, home: join(top, 'a home'), docs };
}

describe('start', () => {
  it('watches, and says what works when it is pasted', async (context) => {
    const { top, home, docs } = prepare(context);
    const watching = await startWatching(context, home, [docs], top);
    const steps = watching.said().slice(watching.said().indexOf('What to type next')).trimEnd().split('\n').slice(1);
    assert.ok(steps.length >= 7);
    const outputs = new Map<string, string>();
    for (const step of steps) {
      const [, name = '', command = ''] = /^ {2}(\S+(?: \S+)*?) {2,}(.*)$/.exec(step) ?? [];
      // The same Node as runs the tests, before any that may be on PATH.
      const env = { ...varveEnv(home), PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
      const pasted = spawnSync('bash', ['-c', command], { cwd: top, env, encoding: 'utf8' });
      assert.equal(pasted.status, 0, `${step}\n${pasted.stderr}`);
      outputs.set(name, pasted.stdout);
    }
    assert.match(outputs.get('read one') ?? '', /^(hello|Dear Bob)\n$/);
    assert.equal(fs.readFileSync(join(top, "Anna's docs-restored", 'read me.txt'), 'utf8'), 'hello\n');
  });

  it('--once brings everything up to date, and ends', (context) => {
    const { home, docs } = prepare(context);
    const { status, stdout, stderr } = varve(home, ['start', '--once', '--json', docs]);
    assert.equal(status, 0, stderr);
    const { roots } = JSON.parse(stdout);
    assert.equal(roots.length, 1);
    const { path, nodes, scanned, hashed, kept, gaps } = roots[0];
    assert.deepEqual({ path, nodes, scanned, hashed, kept, gaps }, { path: docs, nodes: 4, scanned: 4, hashed: 2, kept: 2, gaps: 0 });
  });

  it('what was changed is known, with what it was before', async (context) => {
    const { home, docs } = prepare(context);
    const watching = await startWatching(context, home, [docs]);
    const file = join(docs, 'read me.txt');
    fs.writeFileSync(file, 'hello again\n');
    fs.renameSync(join(docs, 'letters'), join(docs, 'post'));
    watching.ask('sync-point');
    const events = watching.ask('events', docs).map(({ kind, path, from, origin }) => ({ kind, path, from, origin }));
    // Of what was noticed at once, folders come first.
    assert.deepEqual(
      events.sort((a, b) => String(a.kind).localeCompare(String(b.kind))),
      [
        { kind: 'modified', path: file, from: undefined, origin: 'live' },
        { kind: 'moved', path: join(docs, 'post'), from: join(docs, 'letters'), origin: 'live' },
      ],
    );
    while (watching.ask('log', file)[0]?.digest === undefined) await sleep(50);
    const versions = watching.ask('log', file);
    assert.deepEqual(
      versions.map(({ kind, size }) => [kind, size]),
      [
        ['modified', 12],
        ['found', 6],
      ],
    );
    const at = (index: number) => `${file}@${versions[index]?.time}`;
    assert.equal(varve(home, ['cat', at(0)]).stdout, 'hello again\n');
    assert.equal(varve(home, ['cat', at(1)]).stdout, 'hello\n');
    const found = watching.ask('search', 'one.txt').map(({ path }) => path);
    assert.deepEqual(found, [join(docs, 'post', 'one.txt')]);
    assert.equal(varve(home, ['check']).status, 0);
  });

  it('watches although a thread has died while it waited for the first reading', async (context) => {
    const { top, home, docs } = prepare(context);
    const dying = new URL('../support/dying-catalogue.ts', import.meta.url);
    const watching = await startWatching(context, home, [docs], top, { NODE_OPTIONS: `--import=${dying}` });
    assert.match(fs.readFileSync(join(home, 'state/varve.log'), 'utf8'), /the catalogue thread has died/);
    assert.equal(watching.ask('status')[0]?.state, 'watching');
    assert.match(watching.said(), /4 files and folders, .*, 2 files kept/);
  });

  it('tells whoever follows a path what happens in the folder that takes its place', async (context) => {
    const { home, docs } = prepare(context);
    await startWatching(context, home, [docs]);
    const letters = join(docs, 'letters');
    const until = new AbortController();
    const events = new DaemonClient(join(home, 'state')).events({ path: letters, follow: true }, until.signal);
    const next = async () => {
      const { value } = await events.next();
      return `${value?.kind} ${value?.path}`;
    };
    fs.mkdirSync(join(letters, 'first'));
    assert.equal(await next(), `created ${join(letters, 'first')}`);
    fs.renameSync(letters, join(docs, 'post'));
    assert.equal(await next(), `moved ${join(docs, 'post')}`);
    fs.mkdirSync(letters);
    assert.equal(await next(), `created ${letters}`);
    fs.mkdirSync(join(letters, 'second'));
    assert.equal(await next(), `created ${join(letters, 'second')}`);
    until.abort();
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`ends within two seconds of ${signal}`, async (context) => {
      const { home, docs } = prepare(context);
      const watching = await startWatching(context, home, [docs]);
      const { status, ms } = await watching.end(signal);
      assert.equal(status, 0);
      assert.ok(ms < 2500, `it took ${ms} ms`);
    });

  it('after a kill, the next start finds what was changed meanwhile, and watches the same folders', async (context) => {
    const { home, docs } = prepare(context);
    const watching = await startWatching(context, home, [docs]);
    fs.appendFileSync(join(docs, 'read me.txt'), 'seen\n');
    watching.ask('sync-point');
    await watching.end('SIGKILL');
    fs.renameSync(join(docs, 'read me.txt'), join(docs, 'moved.txt'));
    fs.writeFileSync(join(docs, 'new.txt'), 'new\n');
    const again = await startWatching(context, home, []);
    const events = again.ask('events').map(({ kind, path, origin }) => `${kind} ${String(path).slice(docs.length + 1)} ${origin}`);
    assert.deepEqual(events.sort(), ['created new.txt scan', 'modified read me.txt live', 'moved moved.txt scan']);
    assert.equal(again.ask('status')[0]?.state, 'watching');
    assert.deepEqual(
      again.ask('errors', '--gaps').map(({ reason, found }) => [reason, found]),
      [['not running', 2]],
    );
  });

  it('refuses a second daemon of a home, and a folder that is not there', async (context) => {
    const { home, docs, top } = prepare(context);
    const missing = varve(home, ['start', join(top, 'nowhere')]);
    assert.equal(missing.status, 2);
    const watching = await startWatching(context, home, [docs]);
    const second = varve(home, ['start', docs]);
    assert.equal(second.status, 1);
    assert.match(second.stderr, new RegExp(`${watching.child.pid}`));
  });

  it('watches the others while a known folder that is named is missing', (context) => {
    const { home, docs, top } = prepare(context);
    const stick = join(top, 'stick');
    fs.mkdirSync(join(stick, 'x'), { recursive: true });
    assert.equal(varve(home, ['start', '--once', stick]).status, 0);
    fs.renameSync(stick, join(top, 'away'));
    const { status, stdout, stderr } = varve(home, ['start', '--once', '--json', stick, docs]);
    assert.equal(status, 3, stderr);
    assert.deepEqual(
      JSON.parse(stdout).roots.map(({ path, nodes, scanned, missing }: RootStatus) => [path, nodes, scanned, missing]),
      [
        [docs, 4, 4, false],
        [stick, 2, 0, true],
      ],
    );
    assert.match(varve(home, ['status']).stdout, new RegExp(`^${stick} is not in its place: `, 'm'));
  });

  it('without a folder says that one has to be named', (context) => {
    const { home } = prepare(context);
    const { status, stderr } = varve(home, ['start']);
    assert.equal(status, 1);
    assert.match(stderr, /varve start DIR/);
  });
});
