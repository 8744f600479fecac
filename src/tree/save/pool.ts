import os from 'node:os';
import { OWN_REQUEST_BYTES, WorkerPool } from '../../base/worker-pool.ts';
import { type SharedStore, shareStore } from '../../store/share.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import { answer } from './answer.ts';
import { BatchRunner } from './batch-runner.ts';
import type { ExtentResult, ExtentTask, FileBatch, FileBatchResult, SaveReply, SaveRequest, SaveWorkerData } from './messages.ts';

/** Where the reading half of a save is done. Calls may overlap; `ready` says when more should be given. */
export interface SavePool {
  files(batch: FileBatch): Promise<FileBatchResult>;
  extent(task: ExtentTask): Promise<ExtentResult>;
  /** Resolves when another request would be begun soon: the bound on what is under way. */
  ready(): Promise<void>;
  /** Makes durable what the pool has stored otherwise than by the store that it was opened with; the counters of its instances. */
  flush(): Promise<StoreCounters[]>;
  /** Ends the pool. What is under way is given up. */
  close(): Promise<void>;
}

/** A pool of up to `threads` worker threads (one per core when undefined) and this one; with 0, or where the store lives in one thread only, all is done in this one. */
export function openSavePool(store: Store, options: { readonly threads: number | undefined; readonly observedTimes: boolean }): SavePool {
  const threads = options.threads ?? os.availableParallelism();
  const shared = threads > 0 ? shareStore(store, 'adding') : undefined;
  return new ThreadPool(store, threads, shared, options.observedTimes);
}

class ThreadPool implements SavePool {
  readonly #workers: WorkerPool<SaveRequest, SaveReply>;

  constructor(store: Store, threads: number, shared: SharedStore | undefined, observedTimes: boolean) {
    let runner: BatchRunner | undefined;
    this.#workers = new WorkerPool(
      shared === undefined ? 0 : threads,
      new URL(`./save-worker${import.meta.url.slice(-3)}`, import.meta.url),
      shared && ({ store: shared, observedTimes } satisfies SaveWorkerData),
      {
        handle: (request) => {
          runner ??= new BatchRunner(store, { observedTimes });
          return answer(runner, request);
        },
        takes: (request) => shared === undefined || (request.type === 'files' && request.batch.bytes <= OWN_REQUEST_BYTES),
      },
    );
  }

  async files(batch: FileBatch): Promise<FileBatchResult> {
    const reply = await this.#workers.request({ type: 'files', batch });
    return (reply as { files: FileBatchResult }).files;
  }

  async extent(task: ExtentTask): Promise<ExtentResult> {
    const reply = await this.#workers.request({ type: 'extent', task });
    return (reply as { extent: ExtentResult }).extent;
  }

  ready(): Promise<void> {
    return this.#workers.ready();
  }

  async flush(): Promise<StoreCounters[]> {
    const replies = await this.#workers.requestAll({ type: 'flush' });
    return replies.map((reply) => (reply as { flushed: StoreCounters }).flushed);
  }

  close(): Promise<void> {
    return this.#workers.close();
  }
}
