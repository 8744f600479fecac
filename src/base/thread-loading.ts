import { parentPort, type Worker } from 'node:worker_threads';

/** The first message of a thread, when its modules are loaded. */
export const LOADED = 'loaded';

/** To be called by the main module of a thread that `Loading` is for, before it says anything else. */
export function sayLoaded(): void {
  parentPort?.postMessage(LOADED);
}

/**
 * Whether a thread has loaded its modules. Native ones among them (koffi) end the whole process when their thread is terminated while they are being loaded: they want to throw where nothing can be
 * thrown any more.
 */
export class Loading {
  readonly #worker: Worker;
  readonly #done: Promise<void>;

  constructor(worker: Worker) {
    this.#worker = worker;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#done = promise;
    worker.on('message', (message) => {
      if (message === LOADED) resolve();
    });
    worker.once('exit', () => resolve());
  }

  /** Ends the thread, whatever it does, as soon as it has loaded. */
  async terminate(): Promise<void> {
    await this.#done;
    await this.#worker.terminate();
  }
}
