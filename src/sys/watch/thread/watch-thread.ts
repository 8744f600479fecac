import { Worker } from 'node:worker_threads';
import { EndableThread } from '../../../base/endable-thread.ts';
import { THREAD_OPTIONS } from '../../../base/thread-options.ts';
import type { DirectoryKey, Watcher } from '../types.ts';
import { WatchFlow } from './flow.ts';
import type { ForeignMessage, WatchMessage, WatchWorkerData } from './messages.ts';

/** The thread that empties the kernel's queue. */
export class WatchThread {
  readonly #watcher: Watcher;
  readonly #flow = new WatchFlow();
  readonly #worker: Worker;
  readonly #thread: EndableThread<WatchMessage>;
  #isClosed = false;
  #isHeld = false;
  /** How many messages were taken in while it is held. */
  #untold = 0;

  /** `take` takes in what the kernel told; while it has not, the thread gathers. Whatever it throws, and the death of the thread, goes to `onFailure`. */
  constructor(watcher: Watcher, take: (message: WatchMessage) => void, onFailure: (error: unknown) => void) {
    this.#watcher = watcher;
    const workerData: WatchWorkerData = { watcher: watcher.share(), flow: this.#flow.memory };
    const worker = new Worker(new URL(`./watch-worker${import.meta.url.slice(-3)}`, import.meta.url), {
      ...THREAD_OPTIONS,
      workerData,
    });
    this.#worker = worker;
    this.#thread = new EndableThread<WatchMessage>(worker, (message) => {
      if (this.#isClosed) return;
      try {
        take(message);
      } catch (error) {
        onFailure(error);
      }
      this.#untold++;
      if (!this.#isHeld) this.#tellTaken();
    });
    worker.on('error', onFailure);
  }

  /** Asks that everything which is queued now be passed on; a message whose `synced` is this number, or above, is behind all that. */
  askForSync(): number {
    const asked = this.#flow.askForSync();
    this.#watcher.wake();
    return asked;
  }

  /** While it is held, the thread gathers what the kernel tells, but for a message or two that are on their way. */
  hold(held: boolean): void {
    this.#isHeld = held;
    if (!held) this.#tellTaken();
  }

  /** Says in which directories nobody cares what happens, and in which somebody does again. Of the former it is told by their keys alone: with whatever else there is to tell, or with a sync, or a tenth of a second later. */
  care(foreign: readonly DirectoryKey[], known: readonly DirectoryKey[]): void {
    this.#worker.postMessage({ foreign, known } satisfies ForeignMessage);
  }

  #tellTaken(): void {
    for (; this.#untold > 0; this.#untold--) this.#flow.take();
    this.#watcher.wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flow.stop();
    this.#watcher.wake();
    await this.#thread.end();
  }
}
