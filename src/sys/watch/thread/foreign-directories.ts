import type { DirectoryKey, WatchBatch, WatchEvent } from '../types.ts';
import type { ForeignMessage } from './messages.ts';

/** So many are remembered, those that were said last: some five megabytes. Of one that is forgotten names are told again. */
const MOST = 50_000;
/** For so long it may wait that something has happened in one of them. */
const WAIT_MS = 100;

/** Directories in which nobody cares what happens, as far as is known: whoever watches whole file systems hears of those as well. In which something has happened all the same is remembered, and told now and then. */
export class ForeignDirectories {
  readonly #keys = new Set<DirectoryKey>();
  readonly #stirred = new Set<DirectoryKey>();
  /** When what is to be told is so at the latest. */
  #dueMs = Number.POSITIVE_INFINITY;

  learn({ foreign, known }: ForeignMessage): void {
    for (const key of [...foreign, ...known]) this.#keys.delete(key);
    for (const key of foreign) this.#keys.add(key);
    for (const key of this.#keys) {
      if (this.#keys.size <= MOST) break;
      this.#keys.delete(key);
    }
  }

  /** A batch without what has happened in these alone. A rename that leads elsewhere, or from there, is left in it. */
  sift(batch: WatchBatch): WatchBatch {
    if (this.#keys.size === 0) return batch;
    return { ...batch, events: batch.events.filter((event) => !this.#takesIn(event)) };
  }

  /** In how many milliseconds something is to be told; undefined when there is nothing. */
  get dueInMs(): number | undefined {
    return this.#stirred.size === 0 ? undefined : Math.max(0, this.#dueMs - performance.now());
  }

  /** In which of them something has happened, which is then forgotten. */
  take(): DirectoryKey[] {
    const stirred = [...this.#stirred];
    this.#stirred.clear();
    return stirred;
  }

  #takesIn({ directory, to }: WatchEvent): boolean {
    if (!this.#keys.has(directory) || (to !== undefined && !this.#keys.has(to.directory))) return false;
    if (this.#stirred.size === 0) this.#dueMs = performance.now() + WAIT_MS;
    this.#stirred.add(directory);
    if (to !== undefined) this.#stirred.add(to.directory);
    return true;
  }
}
