import { describeError, type ThreadFailure } from '../../base/thread-failure.ts';

/**
 * The pause after the first failure; each one after it is twice as long, up to the longest. So it is when in between something was made durable, but for less than the longest pause: on a disk that is
 * nearly full small files can be kept, and the large one fails each time.
 */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/** Why a store cannot be added to, from the first failure until something was made durable in it again, or it was found to be there; and when it is tried again. */
export class StoreOutage {
  readonly #firstPauseMs: number;
  #failure: ThreadFailure | undefined;
  #pauseMs = 0;
  #untilMs = 0;
  #hasFailed = false;
  /** When the last one was over; undefined until it is. */
  #endedMs: number | undefined = Number.NEGATIVE_INFINITY;

  constructor(firstPauseMs = FIRST_PAUSE_MS) {
    this.#firstPauseMs = firstPauseMs;
  }

  /** What was asked of the store has failed. Throws the error where it is a bug, of which nobody knows that it passes. */
  fail(error: unknown): void {
    const failure = describeError(error);
    if (!failure.expected) throw error;
    this.#failure = failure;
    this.#hasFailed = true;
  }

  /** Whether something has failed since it was tried last. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Begins the pause before it is tried again. */
  pause(nowMs: number): void {
    const isAnother = this.#endedMs !== undefined && nowMs - this.#endedMs > LONGEST_PAUSE_MS;
    this.#pauseMs = isAnother ? this.#firstPauseMs : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#endedMs = undefined;
    this.#untilMs = nowMs + this.#pauseMs;
    this.#hasFailed = false;
  }

  /** How long the pause still is; 0 when there is none. */
  leftMs(nowMs: number): number {
    return this.#failure === undefined ? 0 : Math.max(0, this.#untilMs - nowMs);
  }

  /** It is over. */
  end(nowMs: number): void {
    this.#failure = undefined;
    this.#endedMs = nowMs;
  }

  get failure(): ThreadFailure | undefined {
    return this.#failure;
  }
}
