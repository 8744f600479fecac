import { monotonicMs } from '../../sys/clock.ts';
import type { Scans } from './scans.ts';

/** When all that was asked for within so long has been scanned, and there is more, scans go on without end. */
const PATIENCE_MS = 1000;
/** A scan that was just asked for may be a long one. */
const LONGEST_MS = 5000;

/**
 * What is gone, where gaps end and what a sync point waits for is decided when nothing is being scanned. Where directories are made faster than they are listed that would be never, so then no more events are taken in for
 * a while: the watching thread gathers and merges them, and what is to be scanned comes to an end.
 */
export class HeldEvents {
  readonly #hold: (held: boolean) => void;
  /** When something was to be scanned after nothing was, or events were let go again. */
  #busyFromMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(hold: (held: boolean) => void) {
    this.#hold = hold;
  }

  /** To be called when events were taken in. */
  taken(scans: Pick<Scans, 'isIdle' | 'oldestMs'>): void {
    if (scans.isIdle || this.#timer !== undefined) return;
    const now = monotonicMs();
    this.#busyFromMs ??= now;
    if (now - this.#busyFromMs <= PATIENCE_MS || scans.oldestMs - this.#busyFromMs <= PATIENCE_MS) return;
    this.#hold(true);
    this.#timer = setTimeout(() => this.release(), LONGEST_MS);
  }

  /** To be called when nothing is left to scan, and at the end. */
  release(): void {
    this.#busyFromMs = undefined;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hold(false);
  }
}
