import { parentPort, workerData } from 'node:worker_threads';
import type { ByteName } from '../../src/base/names.ts';
import { linuxSystem } from '../../src/sys/linux/system.ts';
import { watcherFromShared } from '../../src/sys/watch/open.ts';
import type { SharedWatcher } from '../../src/sys/watch/types.ts';

/** What a second thread does with a watcher that the first one reads: marks directories, one after another, and wakes it. */
export interface WatchTask {
  readonly shared: SharedWatcher;
  readonly mark: readonly ByteName[];
  /** Shared memory; its first word is 1 as soon as the reader is about to wait. The watcher is woken then. */
  readonly wakeAfter?: Int32Array;
}

const { shared, mark, wakeAfter } = workerData as WatchTask;
using watcher = watcherFromShared(shared);
const keys = mark.map((path) => {
  using directory = linuxSystem.openDirectory(path);
  return watcher.mark(directory);
});
parentPort?.postMessage(keys);
if (wakeAfter !== undefined) {
  Atomics.wait(wakeAfter, 0, 0);
  watcher.wake();
}
