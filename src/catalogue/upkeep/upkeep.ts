import type { Chore } from './types.ts';

export interface UpkeepOptions {
  /** Whether nothing else has to be done first. When it may, `goOn` is called. */
  readonly mayWork: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** After so long the thread looks whether something has happened. A single step of a chore may take longer. */
const SLICE_MS = 4;

/** Does chores one after another, in slices. While none is due it waits for a timer, and costs nothing. */
export class Upkeep {
  readonly #chores: readonly Chore[];
  readonly #options: UpkeepOptions;
  #current: Generator<void, void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #next: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(chores: readonly Chore[], options: UpkeepOptions) {
    this.#chores = chores;
    this.#options = options;
  }

  /** To be called when it may work again, and when a chore may be due sooner. */
  goOn(): void {
    if (this.#isClosed || this.#next !== undefined) return;
    clearTimeout(this.#timer);
    const dueMs = this.#current === undefined ? this.#dueInMs() : 0;
    if (dueMs === undefined) return;
    this.#timer = setTimeout(() => this.#slice(), dueMs).unref();
  }

  /** Gives up what is under way. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#next);
    this.#current?.return();
  }

  #slice(): void {
    this.#next = undefined;
    if (!this.#options.mayWork()) return;
    try {
      const endMs = performance.now() + SLICE_MS;
      do {
        this.#current ??= this.#chores.find((chore) => chore.dueInMs() === 0)?.run();
        if (this.#current === undefined) return this.goOn();
        if (this.#current.next().done) this.#current = undefined;
      } while (performance.now() < endMs);
      this.#next = setImmediate(() => this.#slice());
    } catch (error) {
      this.close();
      this.#options.onFailure(error);
    }
  }

  #dueInMs(): number | undefined {
    const due = this.#chores.map((chore) => chore.dueInMs()).filter((dueMs) => dueMs !== undefined);
    return due.length === 0 ? undefined : Math.max(1, Math.min(...due, LONGEST_MS));
  }
}

/** A timer that is asked for more fires at once: the chores are asked again instead. */
const LONGEST_MS = 0x7fffffff;
