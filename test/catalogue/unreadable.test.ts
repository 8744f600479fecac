import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openForReading } from '../../src/catalogue/database.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { eventsAfter, failuresOf, lastEvent } from '../support/catalogue-rows.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, walkCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { StartedCatalogue } from '../support/started-catalogue.ts';

/** Runs a program for which modes of files count, also when it belongs to root. */
const WITHOUT_RIGHTS = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search'];
/** The same for whoever is not root. */
const AS_IS: readonly string[] = [];

/** Who watches whole file systems can read everything. */
function withEachUnprivileged(sentence: string, body: (context: TestContext, watcher: WatcherKind) => Promise<void>): void {
  withEachWatcher(sentence, body, ['fanotify-marks', 'inotify']);
}

interface Bench {
  readonly root: string;
  /** A catalogue of `root` that has to respect modes. */
  start(): Promise<{ readonly started: StartedCatalogue; readonly reader: DatabaseSync }>;
}

function benchWithoutRights(context: TestContext, watcher: WatcherKind): Bench | undefined {
  const isRoot = process.getuid?.() === 0;
  const within = isRoot ? WITHOUT_RIGHTS : AS_IS;
  const isAble =
    process.platform === 'linux' && (isRoot ? spawnSync('setpriv', [...within.slice(1), 'true']).status === 0 : watcher !== 'fanotify');
  if (skipUnless(context, isAble, 'root needs setpriv to have no more rights than others')) return undefined;
  const home = fs.realpathSync(scratchFolder(context));
  const root = join(home, 'root');
  const database = join(home, 'catalogue.db');
  fs.mkdirSync(root);
  return {
    root,
    async start() {
      const started = new StartedCatalogue(context, { database, roots: [root], watcher, within });
      await started.ask('sync');
      const reader = openForReading(database);
      assert.ok(reader);
      context.after(() => reader.close());
      return { started, reader };
    },
  };
}

withEachUnprivileged('a directory that may not be read is a failure, and found when it may be', async (context, watcher) => {
  const bench = benchWithoutRights(context, watcher);
  if (bench === undefined) return;
  const closed = join(bench.root, 'closed');
  fs.mkdirSync(join(closed, 'deeper'), { recursive: true });
  fs.writeFileSync(join(closed, 'deeper/file'), 'x');
  fs.chmodSync(closed, 0);
  const { started, reader } = await bench.start();
  assert.deepEqual([...walkCatalogue(reader).keys()], ['closed']);
  assert.deepEqual(failuresOf(reader), [{ name: '.', code: 'EACCES', call: 'open', hasTimes: true }]);

  fs.chmodSync(closed, 0o700);
  await started.ask('compare');
  await started.ask('sync');
  assertEqualsDisk({ root: bench.root, reader });
  assert.deepEqual(failuresOf(reader), []);
  fs.appendFileSync(join(closed, 'deeper/file'), 'more');
  await started.ask('sync');
  assertEqualsDisk({ root: bench.root, reader });
});

withEachUnprivileged(
  'a directory that could not be listed counts as not watched, and is listed as soon as it may be',
  async (context, watcher) => {
    const bench = benchWithoutRights(context, watcher);
    if (bench === undefined) return;
    const closed = join(bench.root, 'closed');
    fs.mkdirSync(join(closed, 'deeper'), { recursive: true });
    fs.chmodSync(closed, 0);
    const { started, reader } = await bench.start();
    assert.deepEqual(await started.unwatched(), [{ reason: 'not listed', directories: 1 }]);
    fs.chmodSync(closed, 0o700);
    await started.ask('sync');
    assertEqualsDisk({ root: bench.root, reader });
    assert.deepEqual(await started.unwatched(), []);
  },
);

withEachUnprivileged(
  'what is removed from a directory that may be entered and not read is not looked for without end',
  async (context, watcher) => {
    const bench = benchWithoutRights(context, watcher);
    if (bench === undefined) return;
    const closed = join(bench.root, 'closed');
    fs.mkdirSync(join(closed, 'inner', 'deeper'), { recursive: true });
    const { started, reader } = await bench.start();
    fs.chmodSync(closed, 0o311);
    await started.ask('sync');
    fs.rmSync(join(closed, 'inner', 'deeper'), { recursive: true });
    fs.rmdirSync(join(closed, 'inner'));
    // It never comes while something is scanned.
    await started.ask('sync');
    fs.chmodSync(closed, 0o755);
    await started.ask('sync');
    assertEqualsDisk({ root: bench.root, reader });
  },
);

for (const [mode, what] of [
  [0o000, 'neither listed nor searched'],
  [0o400, 'listed and not searched'],
  [0o100, 'searched and not listed'],
] as const) {
  withEachUnprivileged(`what was known of a directory that may be ${what} now stays`, async (context, watcher) => {
    const bench = benchWithoutRights(context, watcher);
    if (bench === undefined) return;
    const { root } = bench;
    const closed = join(root, 'closed');
    fs.mkdirSync(join(closed, 'deeper'), { recursive: true });
    for (const name of ['file', 'deeper/file']) fs.writeFileSync(join(closed, name), 'x');
    const first = await bench.start();
    const before = lastEvent(first.reader);
    const known = [...walkCatalogue(first.reader).keys()].sort();
    fs.chmodSync(closed, mode);
    await first.started.ask('sync');
    await first.started.end();

    const second = await bench.start();
    assert.deepEqual([...walkCatalogue(second.reader).keys()].sort(), known);
    assert.deepEqual(
      eventsAfter(second.reader, before).map(({ kind }) => kind),
      ['attributes'],
    );
    assert.ok(failuresOf(second.reader).some(({ code }) => code === 'EACCES'));

    fs.chmodSync(closed, 0o700);
    await second.started.ask('compare');
    await second.started.ask('sync');
    assert.deepEqual(failuresOf(second.reader), []);
    fs.appendFileSync(join(closed, 'deeper/file'), 'more');
    await second.started.ask('sync');
    assertEqualsDisk({ root, reader: second.reader });
  });
}

test('whole file systems are not watched by whoever may not open directories by handle', (context) => {
  const isAble = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('setpriv', ['true']).status === 0;
  if (skipUnless(context, isAble, 'needs root and setpriv')) return;
  const { stdout } = spawnSync('setpriv', [...WITHOUT_RIGHTS.slice(1), process.execPath, '--input-type=module', '-e', OPEN], {
    encoding: 'utf8',
  });
  const [kind, reason] = JSON.parse(stdout);
  assert.equal(kind, 'fanotify-marks');
  assert.match(reason, /CAP_DAC_READ_SEARCH/);
});

/** Says which watcher was chosen for the current folder, and why not the best. */
const OPEN = `
  import { openWatcher } from '${new URL('../../src/sys/watch/open.ts', import.meta.url)}';
  import { system } from '${new URL('../../src/sys/system.ts', import.meta.url)}';
  const { watcher, refused } = openWatcher([system().openDirectory('.')]);
  console.log(JSON.stringify([watcher.kind, refused[0].reason]));
`;
