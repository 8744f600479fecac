/** Marks, threads, limits and ends of watchers, by a real kernel. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import type { WatchTask } from '../../../test/support/watch-worker.ts';
import { type WatchBench, watching, watchingByKernel } from '../../../test/support/watchers.ts';
import { nameFromText } from '../../base/names.ts';
import { linuxSystem } from '../linux/system.ts';
import { Stat } from '../stat.ts';
import { watchLimits } from './limits.ts';
import { openWatcher, watcherFromShared } from './open.ts';
import type { DirectoryKey, Watcher } from './types.ts';

const name = nameFromText;
const isRoot = process.getuid?.() === 0;
/** A user who has nothing, and no queues either. */
const NOBODY = 64_999;
/** Longer than anything here takes, and shorter than a run of all tests. */
const LONG_MS = 20_000;

watching('marking twice changes nothing and gives the same key', (bench) => {
  assert.equal(bench.watcher.mark(bench.directory), bench.key);
  if (!bench.isInotify) assert.equal(bench.watcher.keyOf(bench.directory), bench.key);
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('a'), '')),
    ['a'],
  );
});

watching('once a mark is off, nothing more is told', (bench) => {
  assert.equal(bench.watcher.unmark(bench.key, bench.directory), true);
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('a'), '')),
    [],
  );
  assert.equal(bench.watcher.unmark(bench.key, bench.directory), true);
});

watching('a mark can be taken off by its key where directories can be opened by keys', (bench) => {
  const canOpen = bench.isInotify || bench.isNode || isRoot;
  assert.equal(bench.watcher.unmark(bench.key), canOpen);
  if (canOpen)
    assert.deepEqual(
      bench.told(() => fs.writeFileSync(bench.at('a'), '')),
      [],
    );
});

watching(
  'a directory is opened by its key wherever it went, and no more when it is gone',
  (bench) => {
    if (skipUnless(bench.context, isRoot, 'only root may open by file handle')) return;
    fs.mkdirSync(bench.at('sub'));
    const key = bench.watch('sub');
    fs.renameSync(bench.at('sub'), bench.at('moved'));
    const found = bench.watcher.open(key);
    assert.ok(found !== undefined);
    assert.ok(sameDirectory(found, bench.at('moved')));
    fs.rmdirSync(bench.at('moved'));
    // Held open it is gone all the same.
    assert.equal(bench.watcher.open(key), undefined);
    found.close();
    assert.equal(bench.watcher.open(key), undefined);
  },
  ['fanotify', 'fanotify-marks'],
);

watching(
  'a key of no directory opens none',
  (bench) => {
    const ofAnotherFileSystem = `${'x'.repeat(8)}${bench.key.slice(8)}` as DirectoryKey;
    assert.equal(bench.watcher.open(ofAnotherFileSystem), undefined);
    assert.equal(bench.watcher.open('' as DirectoryKey), undefined);
  },
  ['fanotify', 'fanotify-marks'],
);

watching('reading waits no longer than it is told', (bench) => {
  bench.take();
  const start = performance.now();
  const { overflowed, lost } = bench.watcher.read(30);
  assert.ok(performance.now() - start < LONG_MS);
  assert.deepEqual({ overflowed, lost }, { overflowed: false, lost: [] });
});

watching('a wake ends the next reading, though nobody waited yet', (bench) => {
  bench.take();
  bench.watcher.wake();
  bench.watcher.wake();
  bench.watcher.read();
});

watching('another thread wakes the reader, also while it gathers what is done meanwhile', async (bench) => {
  const wakeAfter = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker({ shared: bench.watcher.share(), mark: [], wake: { after: wakeAfter, making: bench.at('b') } });
  await once(worker, 'message');
  bench.take();
  fs.writeFileSync(bench.at('a'), '');
  Atomics.store(wakeAfter, 0, 1);
  Atomics.notify(wakeAfter, 0);
  const start = performance.now();
  const { events } = bench.watcher.read(LONG_MS, LONG_MS);
  assert.ok(performance.now() - start < LONG_MS);
  assert.deepEqual(
    events.filter((event) => event.directory === bench.key).map((event) => event.name),
    ['a', 'b'],
  );
  await once(worker, 'exit');
});

watching('two threads mark while a third reads', async (bench) => {
  const names = Array.from({ length: 200 }, (_, i) => `folder-${i}`);
  for (const each of names) fs.mkdirSync(bench.at(each));
  const halves = [names.slice(0, 100), names.slice(100)];
  const workers = halves.map((half) => startWorker({ shared: bench.watcher.share(), mark: half.map((each) => name(bench.at(each))) }));
  let running = workers.length;
  const marked = workers.map(async (worker) => {
    const [keys] = (await once(worker, 'message')) as [DirectoryKey[]];
    running--;
    return keys;
  });
  while (running > 0) {
    fs.writeFileSync(bench.at('busy'), 'content');
    bench.watcher.read(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const keys = (await Promise.all(marked)).flat();
  assert.equal(new Set(keys).size, names.length);
  names.forEach((each, i) => {
    assert.equal(bench.watch(each), keys[i]);
  });
  const told = bench.told(() => {
    for (const each of names) fs.writeFileSync(bench.at(`${each}/new`), '');
  });
  assert.deepEqual(told.sort(), names.map((each) => `${each}/new`).sort());
});

watching('a shared watcher that is closed leaves the queue open', (bench) => {
  const shared = watcherFromShared(bench.watcher.share());
  assert.equal(shared.mark(bench.directory), bench.key);
  shared.close();
  shared.close();
  assert.deepEqual(
    bench.told(() => fs.writeFileSync(bench.at('a'), '')),
    ['a'],
  );
});

watching(
  'a queue that is full says that events were lost, and goes on',
  (bench) => {
    if (isRoot) fs.chownSync(bench.path, NOBODY, NOBODY);
    asNobody(() => {
      using directory = linuxSystem.openDirectory(name(bench.path));
      using watcher = openWatcher([directory], bench.watcher.kind).watcher;
      const most = watchLimits(bench.watcher.kind as 'inotify').events.value as number;
      fs.writeFileSync(bench.at('0'), '');
      for (let i = 0; i <= most; i++) fs.renameSync(bench.at(`${i}`), bench.at(`${i + 1}`));
      let overflowed = false;
      for (let left = most; left > 0 && !overflowed; left--) overflowed = watcher.read(0).overflowed;
      assert.equal(overflowed, true);
      fs.writeFileSync(bench.at('a'), '');
      assert.deepEqual(
        watcher.read(0).events.map((event) => event.name),
        ['a'],
      );
    });
  },
  ['fanotify-marks', 'inotify'],
);

watchingByKernel('a file system that is unmounted is told by the change of the mounts, and is not kept busy', (bench) => {
  bench.take();
  if (skipUnless(bench.context, mountMemory(bench.context, bench.path), 'only root can mount')) return;
  assert.equal(bench.take().mountsChanged, true);
  const mounted = linuxSystem.openDirectory(name(bench.path));
  const key = bench.watcher.mark(mounted);
  mounted.close();
  assert.notEqual(key, bench.key);
  bench.watcher.open(key)?.close();
  execFileSync('umount', [bench.path]);
  const { mountsChanged, lost } = bench.take();
  assert.equal(mountsChanged, true);
  assert.deepEqual(lost, bench.isInotify ? [key] : []);
  assert.equal(bench.watcher.open(key), undefined);
});

test('the best kind that works is opened, and what does not work says why', (context) => {
  if (process.platform !== 'linux') return;
  const path = scratchFolder(context);
  using directory = linuxSystem.openDirectory(name(path));
  const { watcher, refused } = openWatcher([directory]);
  watcher.close();
  if (isRoot) assert.deepEqual([watcher.kind, refused], ['fanotify', []]);
  if (isRoot) fs.chownSync(path, NOBODY, NOBODY);
  asNobody(() => {
    const { watcher, refused } = openWatcher([directory]);
    watcher.close();
    assert.equal(watcher.kind, 'fanotify-marks');
    assert.deepEqual(
      refused.map((each) => each.kind),
      ['fanotify'],
    );
    assert.match(refused[0]?.reason as string, /CAP_SYS_ADMIN/);
  });
});

test('more queues than the kernel allows are refused, and which limit it is', () => {
  if (process.platform !== 'linux') return;
  for (const kind of ['inotify', 'fanotify-marks'] as const) {
    const { setting, value } = watchLimits(kind).queues;
    const watchers: Watcher[] = [];
    asNobody(() => {
      assert.throws(
        () => {
          for (let left = value as number; left >= 0; left--) watchers.push(openWatcher([], kind).watcher);
        },
        new RegExp(`the limit ${setting} is reached`),
      );
    });
    for (const watcher of watchers) watcher.close();
  }
});

test('a kind that cannot watch a file system gives way to one that can, or says why when it alone is asked for', () => {
  if (process.platform !== 'linux') return;
  // Its files have no handles that lead back to them.
  using directory = linuxSystem.openDirectory(name('/proc'));
  const { watcher, refused } = openWatcher([directory]);
  watcher.close();
  assert.notEqual(watcher.kind, 'fanotify');
  assert.equal(refused[0]?.kind, 'fanotify');
  assert.throws(() => openWatcher([directory], 'fanotify'), {
    code: 'NO_WATCHER',
    message: `changes cannot be watched here: fanotify: ${refused[0]?.reason}`,
  });
});

function startWorker(task: WatchTask): Worker {
  return new Worker(new URL('../../../test/support/watch-worker.ts', import.meta.url), { workerData: task });
}

function sameDirectory(directory: WatchBench['directory'], path: string): boolean {
  using other = linuxSystem.openDirectory(name(path));
  const stats = [new Stat(), new Stat()] as const;
  directory.stat(name('.'), stats[0]);
  other.stat(name('.'), stats[1]);
  return stats[0].sameFile(stats[1]);
}

/** Mounts an empty file system; false where that is not allowed. It is unmounted after the test at the latest. */
function mountMemory(context: TestContext, path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'varve-test', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  context.after(() => {
    try {
      execFileSync('umount', ['-l', path], { stdio: 'ignore' });
    } catch {
      // The test has done so.
    }
  });
  return true;
}

/** Does something without privileges. */
function asNobody(action: () => void): void {
  if (!isRoot) return action();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    action();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
