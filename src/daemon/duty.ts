import { type MessagePort, parentPort, type Transferable, workerData } from 'node:worker_threads';
import { describeError } from '../base/thread-failure.ts';
import type { FromThread, ToThread } from './duty-messages.ts';

/** What a thread of the daemon knows of its task: the other side of a SupervisedWorker. */
export interface Duty<Data, In, Out> {
  /** What it was started with; ports in it are this thread's. */
  readonly data: Data;
  /** Aborted when the thread is to finish what it has in hand and end. */
  readonly signal: AbortSignal;
  /** Has `handle` called for each message, in order; those that came before are not lost. An error that it throws ends the thread. */
  receive(handle: (message: In) => void): void;
  post(message: Out, transfer?: readonly Transferable[]): void;
  /** Resolves at once, or when the thread may go on. A thread that is to stop may go on: it looks at `signal` next. */
  mayWork(): Promise<void>;
  /** Resolves when the thread is to stop. */
  readonly untilStopped: Promise<void>;
}

/**
 * The main program of a thread of the daemon. `perform` resolves when `signal` is aborted and all is put away; resolving earlier, or rejecting, is a death that the
 * daemon hears of with its cause. Pauses and stops are heard whenever the event loop turns.
 */
export async function performDuty<Data, In, Out>(perform: (duty: Duty<Data, In, Out>) => Promise<void>): Promise<never> {
  const port = parentPort;
  if (port === null) throw new Error('this module is the main module of a worker thread');
  const say: Say<Out> = (message, transfer = []) => port.postMessage(message, [...transfer]);
  const duty = new ThreadDuty<Data, In, Out>(port, say);
  try {
    await perform(duty);
    if (!duty.signal.aborted) throw new Error('it ended its work although nobody had stopped it');
    say({ kind: 'stopped' });
  } catch (error) {
    say({ kind: 'failed', failure: describeError(error) });
  }
  // Whatever else still waits in this thread is not waited for. What was said arrives.
  process.exit();
}

type Say<Out> = (message: FromThread<Out>, transfer?: readonly Transferable[]) => void;

class ThreadDuty<Data, In, Out> implements Duty<Data, In, Out> {
  readonly data = workerData as Data;
  readonly untilStopped: Promise<void>;
  readonly #stop = new AbortController();
  readonly #say: Say<Out>;
  /** Until somebody receives. */
  #early: In[] = [];
  #handle = (message: In): void => {
    this.#early.push(message);
  };
  /** While it is paused. */
  #pause: PromiseWithResolvers<void> | undefined;

  constructor(port: MessagePort, say: Say<Out>) {
    this.#say = say;
    this.untilStopped = new Promise((resolve) => this.signal.addEventListener('abort', () => resolve()));
    port.on('message', (message: ToThread<In>) => this.#obey(message));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  receive(handle: (message: In) => void): void {
    this.#handle = handle;
    const early = this.#early;
    this.#early = [];
    for (const message of early) handle(message);
  }

  post(message: Out, transfer?: readonly Transferable[]): void {
    this.#say({ kind: 'message', message }, transfer);
  }

  mayWork(): Promise<void> {
    return this.#pause?.promise ?? Promise.resolve();
  }

  #obey(order: ToThread<In>): void {
    switch (order.kind) {
      case 'message':
        return this.#handle(order.message);
      case 'pause':
        this.#pause ??= Promise.withResolvers();
        return;
      case 'continue':
        return this.#goOn();
      case 'stop':
        this.#stop.abort();
        return this.#goOn();
    }
  }

  #goOn(): void {
    this.#pause?.resolve();
    this.#pause = undefined;
  }
}
