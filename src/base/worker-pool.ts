import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { EndableThread } from './endable-thread.ts';
import { VarveError } from './errors.ts';
import { turnEventLoop } from './event-loop.ts';
import { rebuildError, type ThreadFailure } from './thread-failure.ts';
import { THREAD_OPTIONS } from './thread-options.ts';

/** So many requests wait in each thread besides the one in work. */
const QUEUED_PER_THREAD = 2;

export type PoolMessage<Request> = { readonly id: number; readonly request: Request };
export type PoolReply<Reply> = { readonly id: number; readonly reply: Reply } | { readonly id: number; readonly failure: ThreadFailure };

/** A request that moves more bytes than this keeps the thread that owns a pool from its own work for too long. */
export const OWN_REQUEST_BYTES = 4 << 20;

/**
 * The thread that owns a pool takes part in its work: that spares a whole JavaScript engine, which costs as much to start and to warm up as saving some thousand files.
 * It does the first request, so that little work starts no thread, and then what comes while all others have enough.
 */
export interface OwnThread<Request, Reply> {
  handle(request: Request): Promise<Reply>;
  /** Whether a request is so short that nobody has to wait for what this thread has to do besides. */
  takes(request: Request): boolean;
}

interface Thread<Reply> {
  readonly worker: Worker;
  readonly endable: EndableThread<PoolReply<Reply>>;
  readonly waiting: Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>;
}

/**
 * Worker threads that answer requests, each in the order in which it got them. Threads are started when there is work for them. The other side is
 * `serveRequests`.
 *
 * A request is rejected with the VarveError (code and advice kept) or the bug that its thread met, or when the thread died.
 */
export class WorkerPool<Request, Reply> {
  #limit: number;
  readonly #url: URL;
  readonly #data: unknown;
  readonly #threads: Thread<Reply>[] = [];
  readonly #own: OwnThread<Request, Reply> | undefined;
  /** What this thread does itself: one request after another. */
  #ownWork: Promise<unknown> | undefined;
  #nextId = 0;
  #listeners: (() => void)[] = [];
  #isClosing = false;
  #failure: { readonly error: unknown } | undefined;

  /** At most `limit` threads running the module at `url`, each given `workerData`; `own` when the caller's thread takes part. With no thread it has to take everything. */
  constructor(limit: number, url: URL, workerData: unknown, own?: OwnThread<Request, Reply>) {
    this.#limit = limit;
    this.#url = url;
    this.#data = workerData;
    this.#own = own;
  }

  /** Allows more threads from now on, which are started when there is work for them. */
  growTo(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
  }

  /** Has it done by the idlest thread, or by this one. */
  request(request: Request): Promise<Reply> {
    if (this.#isClosing) return Promise.reject(unfinished('its pool was closed'));
    const own = this.#own;
    if (!own?.takes(request)) return this.#send(this.#idlest(this.#limit), request);
    if (this.#nextId === 0 || this.#haveEnough(QUEUED_PER_THREAD, 1)) return this.#do(own, request);
    return this.#send(this.#idlest(this.#limit - 1), request);
  }

  /** Has every other thread do it that was started. */
  requestAll(request: Request): Promise<Reply[]> {
    return Promise.all(this.#threads.map((thread) => this.#send(thread, request)));
  }

  /** Resolves when another request would be begun soon: whoever waits for this before each request keeps what is under way bounded. */
  async ready(): Promise<void> {
    while (this.#own === undefined ? this.#haveEnough(QUEUED_PER_THREAD, 0) : this.#isFull())
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  /** With this thread taking part: it is at work and the others have enough, or something that it does not take has been given to those that had enough already. */
  #isFull(): boolean {
    if (this.#ownWork !== undefined && this.#haveEnough(QUEUED_PER_THREAD, 1)) return true;
    return this.#limit > 0 && this.#haveEnough(QUEUED_PER_THREAD + 1, 0);
  }

  /** Whether all threads but `spared` were started, and each has more waiting than that. */
  #haveEnough(waitingEach: number, spared: number): boolean {
    return this.#threads.length >= this.#limit - spared && this.#threads.every(({ waiting }) => waiting.size > waitingEach);
  }

  #do(own: OwnThread<Request, Reply>, request: Request): Promise<Reply> {
    this.#nextId++;
    const reply = (this.#ownWork ?? Promise.resolve()).then(() => own.handle(request));
    const work = reply
      .catch(() => undefined)
      // What others have done meanwhile is heard of before this thread goes on.
      .then(turnEventLoop)
      .then(() => {
        if (this.#ownWork === work) this.#ownWork = undefined;
        this.#wake();
      });
    this.#ownWork = work;
    return reply;
  }

  /** Ends all threads. What is under way in them is rejected, and given up when it takes longer than a moment; what this one does comes to its end. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([this.#ownWork, ...this.#threads.map(({ endable }) => endable.end())]);
  }

  #idlest(limit: number): Thread<Reply> {
    let best: Thread<Reply> | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.waiting.size < best.waiting.size) best = thread;
    if (best === undefined || (best.waiting.size > 0 && this.#threads.length < limit)) return this.#start();
    return best;
  }

  #send(thread: Thread<Reply>, request: Request): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage({ id, request } satisfies PoolMessage<Request>);
    });
  }

  #start(): Thread<Reply> {
    // Garbage of every thread is collected when its heap has grown by half: it may grow fourfold otherwise, and pages that were touched once count as memory in use. Before
    // there is work for several threads it is not worth the few milliseconds for which Node then compiles what it has compiled before.
    setFlagsFromString('--heap-growing-percent=50');
    const worker = new Worker(this.#url, { ...THREAD_OPTIONS, workerData: this.#data });
    const endable = new EndableThread<PoolReply<Reply>>(worker, (message) => this.#receive(thread, message));
    const thread: Thread<Reply> = { worker, endable, waiting: new Map() };
    worker.on('error', (error) => this.#fail(thread, error));
    worker.on('exit', () => {
      const problem = this.#isClosing ? 'its pool was closed' : 'it ended';
      this.#fail(thread, unfinished(problem));
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

  /** A thread has died: nobody knows what else it had in hand, so nothing is done any more. */
  #fail(thread: Thread<Reply>, error: unknown): void {
    this.#failure ??= { error };
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

function unfinished(problem: string): VarveError {
  return new VarveError('WORKER_EXIT', `a thread did not finish its work: ${problem}`);
}
