import os from 'node:os';
import { WorkerPool } from '../../base/worker-pool.ts';
import { shareStore } from '../../store/share.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import { answer } from './answer.ts';
import { BatchRunner } from './batch-runner.ts';
import type { ExtentResult, ExtentTask, FileBatch, FileBatchResult, SaveReply, SaveRequest, SaveWorkerData } from './messages.ts';

/** A batch of more bytes is not for the thread that walks. */
const OWN_BYTES = 4 << 20;

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
  const { observedTimes } = options;
  const threads = options.threads ?? os.availableParallelism();
  const shared = threads > 0 ? shareStore(store, 'adding') : undefined;
  if (shared === undefined) return new LocalPool(store, observedTimes);
  return new ThreadPool(store, threads, { store: shared, observedTimes });
}

class LocalPool implements SavePool {
  readonly #runner: BatchRunner;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store, observedTimes: boolean) {
    this.#runner = new BatchRunner(store, { observedTimes });
  }

  files(batch: FileBatch): Promise<FileBatchResult> {
    return this.#inTurn(() => this.#runner.files(batch));
  }

  extent(task: ExtentTask): Promise<ExtentResult> {
    return this.#inTurn(() => this.#runner.extent(task));
  }

  async ready(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async flush(): Promise<StoreCounters[]> {
    await this.#inTurn(() => this.#runner.flush());
    return [];
  }

  async close(): Promise<void> {
    await this.ready();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result;
    return result;
  }
}

class ThreadPool implements SavePool {
  readonly #workers: WorkerPool<SaveRequest, SaveReply>;

  constructor(store: Store, threads: number, data: SaveWorkerData) {
    let runner: BatchRunner | undefined;
    const handle = (request: SaveRequest) => {
      runner ??= new BatchRunner(store, data);
      return answer(runner, request);
    };
    const own = { handle, takes: isShort };
    this.#workers = new WorkerPool(threads, new URL(`./save-worker${import.meta.url.slice(-3)}`, import.meta.url), data, own);
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

function isShort(request: SaveRequest): boolean {
  return request.type === 'files' && request.batch.bytes <= OWN_BYTES;
}
