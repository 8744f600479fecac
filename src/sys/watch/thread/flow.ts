const TAKEN = 0;
const SYNC = 1;
const STOP = 2;
const WORDS = 3;

/** What the watching thread shares with the one that takes in what it reads. Whoever changes anything here wakes the thread by the watcher's `wake`. */
export class WatchFlow {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(WORDS * 4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** How many messages were taken in. */
  get taken(): number {
    return Atomics.load(this.#words, TAKEN);
  }
  take(): void {
    Atomics.add(this.#words, TAKEN, 1);
  }

  /** The number of the last sync that was asked for. */
  get sync(): number {
    return Atomics.load(this.#words, SYNC);
  }
  /** Asks that everything which the kernel has queued by now be passed on; returns its number. */
  askForSync(): number {
    return Atomics.add(this.#words, SYNC, 1) + 1;
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, STOP) === 1;
  }
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
  }
}
