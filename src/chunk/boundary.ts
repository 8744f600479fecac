import type { Levels } from './levels.ts';
import type { Bounds, Kernel } from './types.ts';

/**
 * Finds where a block ends by its content, while its data arrives step by step. Positions are indices into the kernel's memory. Searching in steps finds the same as
 * searching at once.
 */
export class BoundaryFinder {
  readonly #kernel: Kernel;
  readonly #bounds: Bounds;
  readonly #levels: Levels;
  #start = 0;
  /** There is no boundary up to here. */
  #searched = 0;
  /** The best candidate that was refused so far, and its confirming hash; 0 when there was none. */
  #candidate = 0;
  #candidateHash = 0;

  constructor(kernel: Kernel, bounds: Bounds, levels: Levels) {
    this.#kernel = kernel;
    this.#bounds = bounds;
    this.#levels = levels;
  }

  /** Begins the block that starts at `start`. */
  begin(start: number): void {
    this.#start = start;
    this.#searched = start;
    this.#candidate = 0;
  }

  /** Says that the block in hand was moved down by `distance`. */
  move(distance: number): void {
    this.#start -= distance;
    this.#searched -= distance;
    if (this.#candidate !== 0) this.#candidate -= distance;
  }

  /**
   * The first boundary p ≤ `limit` of the block; 0 when there is none. Boundaries closer than `minBytes` to its start do not count; up to `targetBytes` the strict level
   * holds, beyond it the loose one. `limit` lies at most `maxBytes` after the start, and does not go back.
   */
  find(limit: number): number {
    const first = Math.max(this.#searched, this.#start + this.#bounds.minBytes - 1);
    const target = this.#start + this.#bounds.targetBytes;
    this.#searched = limit;
    const found = this.#search(first, Math.min(limit, target), this.#levels.strictLimit);
    return found !== 0 ? found : this.#search(Math.max(first, target), limit, this.#levels.looseLimit);
  }

  /**
   * Where a block without a boundary up to its maximal size is cut: at the best of its candidates, else at its strongest position. So also data in which nothing is ever
   * confirmed is cut by its content, and shifted copies of it are cut alike.
   */
  forced(): number {
    if (this.#candidate !== 0) return this.#candidate;
    return this.#kernel.strongest(this.#start + this.#bounds.minBytes - 1, this.#start + this.#bounds.maxBytes);
  }

  #search(from: number, to: number, limit: number): number {
    if (from >= to) return 0;
    const found = this.#kernel.search(from, to, limit);
    if (found === 0) this.#keepCandidate();
    return found;
  }

  #keepCandidate(): void {
    const refused = this.#kernel.refusedPosition();
    if (refused === 0) return;
    const hash = this.#kernel.refusedConfirmHash();
    if (this.#candidate !== 0 && hash >= this.#candidateHash) return;
    this.#candidate = refused;
    this.#candidateHash = hash;
  }
}
