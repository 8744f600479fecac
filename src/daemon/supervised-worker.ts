import { setTimeout as sleep } from 'node:timers/promises';
import { type Transferable, Worker } from 'node:worker_threads';
import { VarveError } from '../base/errors.ts';
import { rebuildError } from '../base/thread-failure.ts';
import { THREAD_OPTIONS } from '../base/thread-options.ts';
import type { FromThread, ToThread } from './duty-messages.ts';
import { DEFAULT_RESTARTS, type RestartPolicy, Restarts } from './restarts.ts';

/** After `terminate`, a thread that runs JavaScript is gone in a moment; one that the kernel holds in a call is not. */
const TERMINATING_MS = 250;

export interface WorkerStart<Data> {
  readonly data: Data;
  /** What of it is handed over: ports, buffers. */
  readonly transfer?: readonly Transferable[];
}

export interface SupervisedWorkerOptions<Data, Out> {
  /** For messages: `hasher 2`. */
  readonly name: string;
  /** Its module, which calls `performDuty`. */
  readonly url: URL;
  /** What it is started with: called for each start, since what is handed over is gone with the thread. */
  start(): WorkerStart<Data>;
  onMessage(message: Out): void;
  /**
   * The thread died of `cause` and is started again after that time; undefined when it was to stop anyway. What it had been told since its start it knows no more.
   */
  onDeath(cause: Error, restartInMs: number | undefined): void;
  /** It died once too often: it stays dead, and the daemon is to stop with that reason. */
  onLost(error: WorkerLostError): void;
  /** Whether what it died of passes one day by itself or by what somebody does, so that it is started again however often that comes; never, when left out. */
  passes?(cause: Error): boolean;
  /** Lets a thread hear that is blocked in a call; called behind every pause, continue and stop. */
  wake?(): void;
  readonly restarts?: RestartPolicy;
}

/** A thread that the daemon cannot do without dies again and again. */
export class WorkerLostError extends VarveError {
  constructor(name: string, cause: Error) {
    super('WORKER_LOST', `the ${name} thread dies again and again: ${cause.message}`, {
      advice: (cause instanceof VarveError ? cause.advice : undefined) ?? 'Its deaths are in varve.log, with their causes.',
      cause,
    });
  }
}

/**
 * `clean`: it put all away, or was dead already. `failed`: it died of putting away. `terminated`: it was stopped in the middle of something. `stuck`: the kernel
 * holds it in a call; only the end of the process ends it.
 */
export type StopOutcome = 'clean' | 'failed' | 'terminated' | 'stuck';

/**
 * A thread with one duty for as long as the daemon lives. It is started when this is made. A thread that dies is started again, after a while that grows; one that
 * was paused is paused again.
 */
export class SupervisedWorker<Data, In, Out> {
  readonly name: string;
  readonly #options: SupervisedWorkerOptions<Data, Out>;
  readonly #restarts: Restarts;
  /** Undefined while it is dead. */
  #worker: Worker | undefined;
  /** When the newest thread ends: whether it had put all away. */
  #ended: Promise<boolean> = Promise.resolve(true);
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #stopping: Promise<StopOutcome> | undefined;
  #isTerminated = false;

  constructor(options: SupervisedWorkerOptions<Data, Out>) {
    this.name = options.name;
    this.#options = options;
    this.#restarts = new Restarts(options.restarts ?? DEFAULT_RESTARTS);
    this.#start();
  }

  /** False while there is no thread to hear it. */
  post(message: In, transfer: readonly Transferable[] = []): boolean {
    this.#worker?.postMessage({ kind: 'message', message } satisfies ToThread<In>, transfer);
    return this.#worker !== undefined;
  }

  pause(): void {
    this.#isPaused = true;
    this.#order('pause');
  }

  continue(): void {
    this.#isPaused = false;
    this.#order('continue');
  }

  /** Lets it finish what it has in hand, and ends it after that time. Never rejects; called again, it says the same. */
  stop(withinMs: number): Promise<StopOutcome> {
    this.#stopping ??= this.#stop(withinMs);
    return this.#stopping;
  }

  async #stop(withinMs: number): Promise<StopOutcome> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === undefined) return 'clean';
    this.#order('stop');
    const isPutAway = await this.#endedWithin(withinMs);
    if (isPutAway !== undefined) return isPutAway ? 'clean' : 'failed';
    this.#isTerminated = true;
    void worker.terminate();
    if ((await this.#endedWithin(TERMINATING_MS)) !== undefined) return 'terminated';
    worker.unref();
    return 'stuck';
  }

  #endedWithin(ms: number): Promise<boolean | undefined> {
    return Promise.race([this.#ended, sleep(ms, undefined, { ref: false })]);
  }

  #order(kind: 'pause' | 'continue' | 'stop'): void {
    this.#worker?.postMessage({ kind } satisfies ToThread<In>);
    this.#options.wake?.();
  }

  #start(): void {
    const { url, name } = this.#options;
    const { data, transfer = [] } = this.#options.start();
    const worker = new Worker(url, { ...THREAD_OPTIONS, name, workerData: data, transferList: [...transfer] });
    const ended = Promise.withResolvers<boolean>();
    let cause: Error | undefined;
    let isPutAway = false;
    worker.on('message', (said: FromThread<Out>) => {
      if (said.kind === 'message') this.#options.onMessage(said.message);
      else if (said.kind === 'failed') cause = rebuildError(said.failure);
      else isPutAway = true;
    });
    worker.on('error', (error) => {
      cause ??= error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (status) => {
      this.#worker = undefined;
      ended.resolve(isPutAway);
      if (!isPutAway && !this.#isTerminated) this.#died(cause ?? new Error(`it ended with status ${status}`));
    });
    this.#worker = worker;
    this.#ended = ended.promise;
    if (this.#isPaused) this.#order('pause');
  }

  #died(cause: Error): void {
    if (this.#stopping !== undefined) return this.#options.onDeath(cause, undefined);
    const now = performance.now();
    const delayMs = this.#options.passes?.(cause) === true ? this.#restarts.afterPassingDeath(now) : this.#restarts.afterDeath(now);
    if (delayMs === undefined) return this.#options.onLost(new WorkerLostError(this.name, cause));
    this.#timer = setTimeout(() => this.#start(), delayMs);
    this.#options.onDeath(cause, delayMs);
  }
}
