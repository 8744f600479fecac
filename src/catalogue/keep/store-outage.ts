import { describeError, type ThreadFailure } from '../../base/thread-failure.ts';

/** The pause after the first failure; each one after it is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/** Why a store cannot be added to, from the first failure until something was made durable in it again, or it was found to be there; and when it is tried again. */
export class StoreOutage {
  readonly #firstPauseMs: number;
  #failure: ThreadFailure | undefined;
  #pauseMs = 0;
  #untilMs = 0;
  #hasFailed = false;

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
    this.#pauseMs = Math.min(this.#pauseMs * 2 || this.#firstPauseMs, LONGEST_PAUSE_MS);
    this.#untilMs = nowMs + this.#pauseMs;
    this.#hasFailed = false;
  }

  /** How long the pause still is; 0 when there is none. */
  leftMs(nowMs: number): number {
    return this.#failure === undefined ? 0 : Math.max(0, this.#untilMs - nowMs);
  }

  /** It is over. */
  end(): void {
    this.#failure = undefined;
    this.#pauseMs = 0;
  }

  get failure(): ThreadFailure | undefined {
    return this.#failure;
  }
}
