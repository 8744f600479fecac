/** The daemon with what every platform has: Node's own calls and fs.watch. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../support/scratch.ts';
import { varve } from '../support/varve.ts';
import { startWatching } from '../support/watching.ts';

process.env.VARVE_SYS = 'portable';

test('a daemon in portable mode scans, watches, keeps versions, and knows what has moved', async (context) => {
  const top = fs.realpathSync(scratchFolder(context));
  const [docs, home] = [join(top, 'docs'), join(top, 'home')];
  fs.mkdirSync(join(docs, 'letters'), { recursive: true });
  fs.writeFileSync(join(docs, 'letters', 'one.txt'), 'Dear Bob\n');
  const watching = await startWatching(context, home, [docs]);
  const [status] = watching.ask('status');
  assert.deepEqual(
    (status as unknown as { roots: { path: string; watcher: string; kept: number }[] }).roots.map(({ path, watcher, kept }) => ({
      path,
      watcher,
      kept,
    })),
    [{ path: docs, watcher: 'node', kept: 1 }],
  );
  // With its content from the first moment on: whoever looks before that is written is told of a change.
  fs.writeFileSync(join(top, 'new.txt'), 'hello\n');
  fs.renameSync(join(top, 'new.txt'), join(docs, 'new.txt'));
  fs.renameSync(join(docs, 'letters'), join(docs, 'post'));
  watching.ask('sync-point');
  const events = watching.ask('events', docs).map(({ kind, path, origin }) => ({ kind, path, origin }));
  assert.deepEqual(
    events.toSorted((a, b) => String(a.kind).localeCompare(String(b.kind))),
    [
      { kind: 'created', path: join(docs, 'new.txt'), origin: 'live' },
      { kind: 'moved', path: join(docs, 'post'), origin: 'live' },
    ],
  );
  assert.equal(varve(home, ['cat', `${join(docs, 'post', 'one.txt')}@now`]).stdout, 'Dear Bob\n');
  assert.equal(varve(home, ['check']).status, 0);
  assert.equal((await watching.end('SIGTERM')).status, 0);
});

test('once in portable mode brings everything up to date, without an error', (context) => {
  const top = fs.realpathSync(scratchFolder(context));
  const docs = join(top, 'docs');
  fs.mkdirSync(docs);
  fs.writeFileSync(join(docs, 'a.txt'), 'hello\n');
  const { status, stderr } = varve(join(top, 'home'), ['start', '--once', docs]);
  assert.equal(status, 0, stderr);
});
