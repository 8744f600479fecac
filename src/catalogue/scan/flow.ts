/** So many batches of one thread may wait to be applied. */
const AHEAD = 3;

const APPLIED = 0;
const PAUSED = 1;
const IDLE = 2;
const ENDED = 3;
const WORDS = 4;

/**
 * What a scanning thread and the catalogue's share: how far the one may be ahead of the other, whether it is to pause, and whether somebody has nothing to do.
 * The thread blocks on it, so a slow writer slows the scan, and memory stays flat.
 */
export class ScanFlow {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  #sent = 0;

  constructor(memory = new SharedArrayBuffer(WORDS * 4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Scanner: waits until another batch may be sent. */
  waitToSend(): void {
    this.#sent++;
    for (;;) {
      const applied = Atomics.load(this.#words, APPLIED);
      if (this.#sent - applied <= AHEAD || this.hasEnded) return;
      Atomics.wait(this.#words, APPLIED, applied);
    }
  }

  /** Scanner: waits while it is paused. */
  waitWhilePaused(): void {
    while (Atomics.load(this.#words, PAUSED) === 1 && !this.hasEnded) Atomics.wait(this.#words, PAUSED, 1);
  }

  /** Scanner: whether nothing is wanted any more. */
  get hasEnded(): boolean {
    return Atomics.load(this.#words, ENDED) === 1;
  }

  /** Scanner: whether another would take work over. */
  get someoneIsIdle(): boolean {
    return Atomics.load(this.#words, IDLE) === 1;
  }

  /** Catalogue: one batch more was applied. */
  applied(): void {
    Atomics.add(this.#words, APPLIED, 1);
    Atomics.notify(this.#words, APPLIED);
  }

  /** Catalogue: nothing is wanted any more, and nothing waited for. */
  end(): void {
    Atomics.store(this.#words, ENDED, 1);
    this.pause(false);
    this.applied();
  }

  pause(paused: boolean): void {
    Atomics.store(this.#words, PAUSED, paused ? 1 : 0);
    Atomics.notify(this.#words, PAUSED);
  }

  setIdle(idle: boolean): void {
    Atomics.store(this.#words, IDLE, idle ? 1 : 0);
  }
}
