import os from 'node:os';
import { WorkerPool } from '../../base/worker-pool.ts';
import { shareStore } from '../../store/share.ts';
import type { Store } from '../../store/types.ts';
import { FileRestorer } from './file-restorer.ts';
import type { RestoreBatch, RestoreBatchResult, RestoreSettings, RestoreWorkerData } from './messages.ts';

/** A batch of more bytes is not for the thread that walks. */
const OWN_BYTES = 4 << 20;

/** Where files are written. Calls may overlap; `ready` bounds what is under way. */
export interface RestorePool {
  restore(batch: RestoreBatch): Promise<RestoreBatchResult>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Up to `threads` worker threads (one per core when undefined) and this one; with 0, or where the store lives in one thread only, all is done in this one. */
export function openRestorePool(store: Store, threads: number | undefined, settings: RestoreSettings): RestorePool {
  const count = threads ?? os.availableParallelism();
  const restorer = new FileRestorer(store, settings);
  const shared = count > 0 ? shareStore(store, 'reading') : undefined;
  if (shared !== undefined) {
    const url = new URL(`./restore-worker${import.meta.url.slice(-3)}`, import.meta.url);
    const data: RestoreWorkerData = { store: shared, settings };
    const own = { handle: (batch: RestoreBatch) => restorer.restore(batch), takes: ({ bytes }: RestoreBatch) => bytes <= OWN_BYTES };
    const workers = new WorkerPool<RestoreBatch, RestoreBatchResult>(count, url, data, own);
    return { restore: (batch) => workers.request(batch), ready: () => workers.ready(), close: () => workers.close() };
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    restore(batch) {
      const result = last.then(
        () => restorer.restore(batch),
        () => restorer.restore(batch),
      );
      last = result;
      return result;
    },
    async ready() {
      await last.catch(() => undefined);
    },
    close: async () => undefined,
  };
}
