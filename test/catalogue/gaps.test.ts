import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openForReading } from '../../src/catalogue/database.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { eventsAfter, failuresOf, gapsOf, lastEvent } from '../support/catalogue-rows.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { StartedCatalogue } from '../support/started-catalogue.ts';
import { until } from '../support/until.ts';

/** More than a queue holds, unless somebody has raised fs.inotify.max_queued_events or fs.fanotify.max_queued_events. */
const TOO_MANY_FILES = 20_000;

/** The kinds whose queues and marks the kernel limits: those of whole file systems have no limits. */
const LIMITED: readonly WatcherKind[] = ['fanotify-marks', 'inotify'];
const LIMITS = { 'fanotify-marks': 'max_fanotify_marks', inotify: 'max_inotify_watches' } as const;

/** A catalogue in a user namespace of its own: it has the limits of those who are not privileged, and this test may lower them there. */
function unprivileged(context: TestContext, watcher: WatcherKind, mostMarks?: number) {
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  fs.mkdirSync(root);
  const database = join(home, 'catalogue.db');
  const limit = mostMarks === undefined ? '' : `echo ${mostMarks} > /proc/sys/user/${LIMITS[watcher as keyof typeof LIMITS]} && `;
  const within = ['unshare', '--user', '--map-root-user', 'sh', '-c', `${limit}exec "$@"`, 'sh'];
  const start = async () => {
    const started = new StartedCatalogue(context, { database, roots: [root], watcher, within });
    await started.ask('start');
    return started;
  };
  const read = () => {
    const reader = openForReading(database);
    assert.ok(reader);
    context.after(() => reader.close());
    return reader;
  };
  return { root, start, read };
}

function skipWithoutNamespaces(context: TestContext): boolean {
  const isAble = process.platform === 'linux' && spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0;
  return skipUnless(context, isAble, 'user namespaces cannot be made here');
}

withEachWatcher(
  'a queue that overflows is a gap, which a comparison closes',
  async (context, watcher) => {
    if (skipWithoutNamespaces(context)) return;
    const { root, start, read } = unprivileged(context, watcher);
    fs.writeFileSync(join(root, 'here before'), '');
    const started = await start();
    await started.ask('sync');
    const reader = read();
    assert.deepEqual(gapsOf(reader), []);

    started.halt(true);
    for (let i = 0; i < TOO_MANY_FILES; i++) fs.writeFileSync(join(root, `file ${i}`), '');
    fs.mkdirSync(join(root, 'directory'));
    fs.renameSync(join(root, 'here before'), join(root, 'directory/moved'));
    started.halt(false);
    await started.ask('sync');
    await started.ask('sync');
    const [gap, ...others] = gapsOf(reader);
    assert.deepEqual([gap?.reason, gap?.isOpen, others], ['overflow', false, []]);
    assert.ok((gap?.found ?? 0) > 0);
    assertEqualsDisk({ root, reader });
    const kinds = eventsAfter(reader, 0).map(({ kind, to }) => (kind === 'moved' ? `moved ${to}` : kind));
    assert.deepEqual(new Set(kinds), new Set(['created', 'moved moved']));

    fs.writeFileSync(join(root, 'directory/watched'), '');
    await started.ask('sync');
    assertEqualsDisk({ root, reader });
    assert.equal(eventsAfter(reader, 0).at(-1)?.origin, 'live');
  },
  LIMITED,
);

withEachWatcher(
  'beyond the limit of watches directories are compared at intervals, and that is said',
  async (context, watcher) => {
    if (skipWithoutNamespaces(context)) return;
    const { root, start, read } = unprivileged(context, watcher, 5);
    for (let i = 0; i < 20; i++) fs.mkdirSync(join(root, `directory ${i}`));
    const started = await start();
    await started.ask('sync');
    const reader = read();
    assert.deepEqual(gapsOf(reader), [{ root: 1, reason: 'watch limit', isOpen: true, found: 0 }]);
    const call = watcher === 'inotify' ? 'inotify_add_watch' : 'fanotify_mark';
    assert.deepEqual(failuresOf(reader), [{ name: '.', code: 'WATCH_LIMIT', call, hasTimes: true }]);

    for (let i = 0; i < 20; i++) fs.writeFileSync(join(root, `directory ${i}/file`), String(i));
    await started.ask('sync');
    const seen = eventsAfter(reader, 0).filter(({ kind }) => kind === 'created');
    assert.ok(seen.length >= 3 && seen.length < 20 && seen.every(({ origin }) => origin === 'live'), `${seen.length} events`);
    await started.ask('compare');
    await started.ask('sync');
    assertEqualsDisk({ root, reader });
    const found = 20 - seen.length;
    assert.deepEqual(gapsOf(reader), [{ root: 1, reason: 'watch limit', isOpen: true, found }]);

    // Fewer directories than the limit: what is left is watched again.
    for (let i = 0; i < 17; i++) fs.rmSync(join(root, `directory ${i}`), { recursive: true });
    await started.ask('sync');
    await started.ask('compare');
    await started.ask('sync');
    assertEqualsDisk({ root, reader });
    assert.deepEqual(
      gapsOf(reader).map(({ reason, isOpen }) => ({ reason, isOpen })),
      [{ reason: 'watch limit', isOpen: false }],
    );
    const last = lastEvent(reader);
    for (let i = 17; i < 20; i++) fs.appendFileSync(join(root, `directory ${i}/file`), 'more');
    await started.ask('sync');
    assertEqualsDisk({ root, reader });
    const events = eventsAfter(reader, last);
    assert.ok(events.length > 0 && events.every(({ origin }) => origin === 'live'));
  },
  LIMITED,
);

test('without a watcher everything is compared at intervals, and that is said', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'none' });
  const { root, service, reader } = catalogue;
  await service.sync();
  fs.mkdirSync(join(root, 'directory'));
  fs.writeFileSync(join(root, 'directory/file'), 'x');
  service.engine.compareUnwatched();
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(service.state().unwatched, [{ root, reason: 'not watchable', code: 'NO_WATCHER', directories: 2 }]);
  assert.deepEqual(gapsOf(reader), [{ root: 1, reason: 'not watchable', isOpen: true, found: 2 }]);
  assert.deepEqual(
    failuresOf(reader).map(({ code }) => code),
    ['NO_WATCHER'],
  );
});

withEachWatcher('what happened while nobody ran is found by the next start, moves as moves', async (context, watcher) => {
  const home = fs.realpathSync(scratchFolder(context));
  const first = await liveCatalogue(context, { watcher, home });
  const { root, outside } = first;
  fs.mkdirSync(join(root, 'a/b'), { recursive: true });
  for (const name of ['kept', 'changed', 'removed', 'z moved', 'a/b/inner', 'left']) fs.writeFileSync(join(root, name), name);
  await first.service.sync();
  const known = assertEqualsDisk(first);
  const before = lastEvent(first.reader);
  await first.close();

  fs.appendFileSync(join(root, 'changed'), 'more');
  fs.rmSync(join(root, 'removed'));
  fs.renameSync(join(root, 'z moved'), join(root, 'a/moved'));
  fs.renameSync(join(root, 'a/b'), join(root, 'z b'));
  fs.renameSync(join(root, 'left'), join(outside, 'left'));
  fs.writeFileSync(join(root, 'z b/new'), '');

  const second = await liveCatalogue(context, { watcher, home });
  await second.service.sync();
  const now = assertEqualsDisk(second);
  const events = eventsAfter(second.reader, before);
  assert.deepEqual(events.map(({ kind, origin, from, to }) => `${kind} ${from ?? ''}→${to ?? ''} ${origin}`).sort(), [
    'created →new scan',
    'deleted left→ scan',
    'deleted removed→ scan',
    'modified → scan',
    'moved b→z b scan',
    'moved z moved→moved scan',
  ]);
  for (const [from, to] of [
    ['z moved', 'a/moved'],
    ['a/b/inner', 'z b/inner'],
    ['kept', 'kept'],
  ] as const)
    assert.equal(now.get(to as never)?.id, known.get(from as never)?.id);
  assert.deepEqual(gapsOf(second.reader), [{ root: 1, reason: 'not running', isOpen: false, found: 6 }]);
});

test('a first scan that is killed in the middle goes on, and ends complete and without events', async (context) => {
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  for (let i = 0; i < 300; i++) {
    fs.mkdirSync(join(root, `${i % 20}/${i}`), { recursive: true });
    for (let j = 0; j < 100; j++) fs.writeFileSync(join(root, `${i % 20}/${i}/${j}`), '');
  }
  const database = join(home, 'catalogue.db');
  const options = { database, roots: [root], watcher: 'inotify' } as const;
  const killed = new StartedCatalogue(context, options);
  await killed.ask('start');
  const reader = openForReading(database);
  assert.ok(reader);
  context.after(() => reader.close());
  const nodes = () => Number(reader.prepare('SELECT count(*) AS count FROM node').get()?.count);
  await until(() => nodes() > 1);
  await killed.kill();
  const done = nodes();
  assert.ok(done > 1 && done < 30_321, `${done} nodes`);
  assert.equal(reader.prepare('SELECT scanned FROM root').get()?.scanned, null);

  const resumed = new StartedCatalogue(context, options);
  await resumed.ask('sync');
  assertEqualsDisk({ root, reader });
  assert.equal(nodes(), 30_321);
  assert.equal(lastEvent(reader), 0);
  assert.deepEqual(gapsOf(reader), []);
  await resumed.end();
});
