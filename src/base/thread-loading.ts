import { parentPort, type Worker } from 'node:worker_threads';

/** The first message of a thread, when its modules are loaded. */
const LOADED = 'loaded';

/** To be called by the main module of a thread that a TerminableThread is for, before it says anything else. */
export function sayLoaded(): void {
  parentPort?.postMessage(LOADED);
}

/**
 * A thread that is terminated when it has loaded its modules, and not before. Native ones among them (koffi) end the whole process when their thread is terminated while they are being loaded: they want to throw where nothing can be
 * thrown any more. So they have to be loaded with the modules of the thread, not at their first use (posix/libc.ts).
 */
export class TerminableThread<Message> {
  readonly #worker: Worker;
  readonly #done: Promise<void>;

  /** `onMessage` has everything that it says besides. */
  constructor(worker: Worker, onMessage: (message: Message) => void) {
    this.#worker = worker;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#done = promise;
    worker.on('message', (message: Message | typeof LOADED) => {
      if (message === LOADED) resolve();
      else onMessage(message);
    });
    worker.once('exit', () => resolve());
  }

  /** Ends the thread, whatever it does, as soon as it has loaded. */
  async terminate(): Promise<void> {
    await this.#done;
    await this.#worker.terminate();
  }
}
