import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { VarveError } from '../../base/errors.ts';
import { shareStore } from '../../store/share.ts';
import type { Store, StoreCounters } from '../../store/types.ts';
import { BatchRunner } from './batch-runner.ts';
import type { ExtentResult, ExtentTask, FileBatch, FileBatchResult, SaveReply, SaveRequest, SaveWorkerData } from './messages.ts';

/** Where the reading half of a save is done. Calls may overlap; `ready` says when more should be given. */
export interface SavePool {
  files(batch: FileBatch): Promise<FileBatchResult>;
  extent(task: ExtentTask): Promise<ExtentResult>;
  /** Resolves when another request would be begun soon: the bound on what is under way. */
  ready(): Promise<void>;
  /** Makes everything stored by the pool durable; the counters of all its instances together. */
  flush(): Promise<StoreCounters[]>;
  /** Ends the pool. What is under way is given up. */
  close(): Promise<void>;
}

/** So many requests wait in each thread besides the one in work. */
const QUEUED_PER_THREAD = 2;

/** A pool of `threads` worker threads (one per core when undefined); with 0, or where the store lives in one thread only, all is done in this one. */
export function openSavePool(store: Store, options: { readonly threads: number | undefined; readonly observedTimes: boolean }): SavePool {
  const threads = options.threads ?? os.availableParallelism();
  const shared = threads > 0 ? shareStore(store) : undefined;
  if (shared === undefined) return new LocalPool(store, options.observedTimes);
  return new ThreadPool(threads, { store: shared, observedTimes: options.observedTimes });
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

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve: (reply: never) => void; reject: (error: unknown) => void }>;
}

/** Threads are started when there is work for them: a save that finds nothing changed needs none. */
class ThreadPool implements SavePool {
  readonly #limit: number;
  readonly #data: SaveWorkerData;
  readonly #threads: Thread[] = [];
  #nextId = 0;
  #onReply: (() => void)[] = [];

  constructor(limit: number, data: SaveWorkerData) {
    this.#limit = limit;
    this.#data = data;
  }

  async files(batch: FileBatch): Promise<FileBatchResult> {
    const reply = await this.#request<{ files: FileBatchResult }>(this.#idlest(), (id) => ({ type: 'files', id, batch }));
    return reply.files;
  }

  async extent(task: ExtentTask): Promise<ExtentResult> {
    const reply = await this.#request<{ extent: ExtentResult }>(this.#idlest(), (id) => ({ type: 'extent', id, task }));
    return reply.extent;
  }

  async ready(): Promise<void> {
    while (this.#threads.length === this.#limit && this.#threads.every(({ waiting }) => waiting.size > QUEUED_PER_THREAD)) {
      await new Promise<void>((resolve) => this.#onReply.push(resolve));
    }
  }

  async flush(): Promise<StoreCounters[]> {
    const replies = this.#threads.map((thread) => this.#request<{ flushed: StoreCounters }>(thread, (id) => ({ type: 'flush', id })));
    return (await Promise.all(replies)).map(({ flushed }) => flushed);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #idlest(): Thread {
    let best = this.#threads[0];
    for (const thread of this.#threads) if (thread.waiting.size < (best as Thread).waiting.size) best = thread;
    if (best === undefined || (best.waiting.size > 0 && this.#threads.length < this.#limit)) return this.#start();
    return best;
  }

  #request<R>(thread: Thread, make: (id: number) => SaveRequest): Promise<R> {
    const id = this.#nextId++;
    return new Promise<R>((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage(make(id));
    });
  }

  #start(): Thread {
    const worker = new Worker(new URL(`./save-worker${import.meta.url.slice(-3)}`, import.meta.url), { workerData: this.#data });
    const thread: Thread = { worker, waiting: new Map() };
    worker.on('message', (reply: SaveReply) => this.#receive(thread, reply));
    const fail = (error: unknown) => {
      for (const { reject } of thread.waiting.values()) reject(error);
      thread.waiting.clear();
      this.#wake();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new VarveError('WORKER_EXIT', 'a saving thread ended before its work was done')));
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: Thread, reply: SaveReply): void {
    const waiting = thread.waiting.get(reply.id);
    thread.waiting.delete(reply.id);
    if ('failure' in reply) waiting?.reject(rebuildError(reply.failure));
    else waiting?.resolve(reply as never);
    this.#wake();
  }

  #wake(): void {
    const listeners = this.#onReply;
    this.#onReply = [];
    for (const listener of listeners) listener();
  }
}

/** An error of a thread, with the code and advice that it had there. */
function rebuildError(failure: { code: string; message: string; advice: string | undefined; stack: string | undefined }): Error {
  const error = new VarveError(failure.code, failure.message, failure.advice === undefined ? {} : { advice: failure.advice });
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
