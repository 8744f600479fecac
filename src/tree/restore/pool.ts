import os from 'node:os';
import { OWN_REQUEST_BYTES, WorkerPool } from '../../base/worker-pool.ts';
import { shareStore } from '../../store/share.ts';
import type { Store } from '../../store/types.ts';
import { FileRestorer } from './file-restorer.ts';
import type { RestoreBatch, RestoreBatchResult, RestoreSettings, RestoreWorkerData } from './messages.ts';

/** Where files are written. Calls may overlap; `ready` bounds what is under way. */
export interface RestorePool {
  restore(batch: RestoreBatch): Promise<RestoreBatchResult>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Up to `threads` worker threads (one per core when undefined) and this one; with 0, or where the store lives in one thread only, all is done in this one. */
export function openRestorePool(store: Store, threads: number | undefined, settings: RestoreSettings): RestorePool {
  const count = threads ?? os.availableParallelism();
  const shared = count > 0 ? shareStore(store, 'reading') : undefined;
  const restorer = new FileRestorer(store, settings);
  const workers = new WorkerPool<RestoreBatch, RestoreBatchResult>(
    shared === undefined ? 0 : count,
    new URL(`./restore-worker${import.meta.url.slice(-3)}`, import.meta.url),
    shared && ({ store: shared, settings } satisfies RestoreWorkerData),
    {
      handle: (batch) => restorer.restore(batch),
      takes: ({ bytes }) => shared === undefined || bytes <= OWN_REQUEST_BYTES,
    },
  );
  return { restore: (batch) => workers.request(batch), ready: () => workers.ready(), close: () => workers.close() };
}
