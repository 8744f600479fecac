import { Worker } from 'node:worker_threads';
import { VarveError } from './errors.ts';
import { rebuildError, type ThreadFailure } from './thread-failure.ts';

/** So many requests wait in each thread besides the one in work. */
const QUEUED_PER_THREAD = 2;

export type PoolMessage<Request> = { readonly id: number; readonly request: Request };
export type PoolReply<Reply> = { readonly id: number; readonly reply: Reply } | { readonly id: number; readonly failure: ThreadFailure };

interface Thread<Reply> {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>;
}

/**
 * Worker threads that answer requests, each in the order in which it got them. Threads are started when there is work for them. The other side is
 * `serveRequests`.
 *
 * A request is rejected with the VarveError (code and advice kept) or the bug that its thread met, or when the thread died.
 */
export class WorkerPool<Request, Reply> {
  readonly #limit: number;
  readonly #url: URL;
  readonly #data: unknown;
  readonly #threads: Thread<Reply>[] = [];
  #nextId = 0;
  #listeners: (() => void)[] = [];
  #closing = false;

  /** At most `limit` threads running the module at `url`, each given `workerData`. */
  constructor(limit: number, url: URL, workerData: unknown) {
    this.#limit = limit;
    this.#url = url;
    this.#data = workerData;
  }

  /** Has the idlest thread do it. */
  request(request: Request): Promise<Reply> {
    return this.#send(this.#idlest(), request);
  }

  /** Has every thread that was started do it. */
  requestAll(request: Request): Promise<Reply[]> {
    return Promise.all(this.#threads.map((thread) => this.#send(thread, request)));
  }

  /** Resolves when another request would be begun soon: whoever waits for this before each request keeps what is under way bounded. */
  async ready(): Promise<void> {
    while (this.#threads.length === this.#limit && this.#threads.every(({ waiting }) => waiting.size > QUEUED_PER_THREAD)) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** Ends all threads. What is under way is given up and rejected. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #idlest(): Thread<Reply> {
    let best: Thread<Reply> | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.waiting.size < best.waiting.size) best = thread;
    if (best === undefined || (best.waiting.size > 0 && this.#threads.length < this.#limit)) return this.#start();
    return best;
  }

  #send(thread: Thread<Reply>, request: Request): Promise<Reply> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage({ id, request } satisfies PoolMessage<Request>);
    });
  }

  #start(): Thread<Reply> {
    const worker = new Worker(this.#url, { workerData: this.#data, resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    const thread: Thread<Reply> = { worker, waiting: new Map() };
    worker.on('message', (message: PoolReply<Reply>) => this.#receive(thread, message));
    worker.on('error', (error) => this.#fail(thread, error));
    worker.on('exit', () => {
      if (!this.#closing) this.#fail(thread, new VarveError('WORKER_EXIT', 'a worker thread ended before its work was done'));
    });
    this.#threads.push(thread);
    return thread;
  }

  #receive(thread: Thread<Reply>, message: PoolReply<Reply>): void {
    const waiting = thread.waiting.get(message.id);
    thread.waiting.delete(message.id);
    if ('failure' in message) waiting?.reject(rebuildError(message.failure));
    else waiting?.resolve(message.reply);
    this.#wake();
  }

  #fail(thread: Thread<Reply>, error: unknown): void {
    for (const { reject } of thread.waiting.values()) reject(error);
    thread.waiting.clear();
    this.#wake();
  }

  #wake(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
