import { writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ByteName } from '../../src/base/names.ts';
import { linuxSystem } from '../../src/sys/linux/system.ts';
import { watcherFromShared } from '../../src/sys/watch/open.ts';
import type { SharedWatcher } from '../../src/sys/watch/types.ts';

/** What a second thread does with a watcher that the first one reads: marks directories, one after another, and wakes it. */
export interface WatchTask {
  readonly shared: SharedWatcher;
  readonly mark: readonly ByteName[];
  /** The watcher is woken when a new file was made, which is done once the first word of this shared memory is 1: the reader is about to wait. */
  readonly wake?: { readonly after: Int32Array; readonly making: string };
}

const { shared, mark, wake } = workerData as WatchTask;
using watcher = watcherFromShared(shared);
const keys = mark.map((path) => {
  using directory = linuxSystem.openDirectory(path);
  return watcher.mark(directory);
});
parentPort?.postMessage(keys);
if (wake !== undefined) {
  Atomics.wait(wake.after, 0, 0);
  writeFileSync(wake.making, '');
  watcher.wake();
}
