import { parentPort, type Worker } from 'node:worker_threads';

/** The first message of a thread, when its modules are loaded. */
const LOADED = 'loaded';

/** The last message to a thread: nothing is wanted of it any more. It ends when it has put away what it has in hand. */
export const END = 'end';

/** A thread that is asked to end and has not after so long is terminated. */
const GRACE_MS = 1000;

/** To be called by the main module of a thread that an EndableThread is for, before it says anything else. */
export function sayLoaded(): void {
  parentPort?.postMessage(LOADED);
}

/**
 * A thread that can be ended at any time. It is asked to, since what it has opened by native modules, and has not closed, stays open when it is terminated.
 *
 * It is not terminated before it has loaded its modules. Native ones among them (koffi) end the whole process when their thread is terminated while they are being loaded: they want to throw where nothing can be
 * thrown any more. So they have to be loaded with the modules of the thread, not at their first use (posix/libc.ts).
 */
export class EndableThread<Message> {
  readonly #worker: Worker;
  readonly #loaded: Promise<void>;
  readonly #ended: Promise<void>;

  /** `onMessage` has everything that it says besides. */
  constructor(worker: Worker, onMessage: (message: Message) => void) {
    this.#worker = worker;
    const loaded = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.#loaded = loaded.promise;
    this.#ended = ended.promise;
    worker.on('message', (message: Message | typeof LOADED) => {
      if (message === LOADED) loaded.resolve();
      else onMessage(message);
    });
    worker.once('exit', () => {
      loaded.resolve();
      ended.resolve();
    });
  }

  /** Resolves when the thread has ended: by itself, if it hears of this soon enough. */
  async end(): Promise<void> {
    this.#worker.postMessage(END);
    const late = setTimeout(() => void this.#terminate(), GRACE_MS);
    await this.#ended;
    clearTimeout(late);
  }

  async #terminate(): Promise<void> {
    await this.#loaded;
    await this.#worker.terminate();
  }
}
