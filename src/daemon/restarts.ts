/** How often a thread that dies may be started again. */
export interface RestartPolicy {
  /** So many deaths within `withinMs` are one too many. */
  readonly most: number;
  readonly withinMs: number;
  /** Before the first restart; doubled with each further one. */
  readonly firstDelayMs: number;
  /** Before the first restart behind a death that counts for nothing, since its cause passes one day; doubled up to the longest while they follow each other. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** What fails at each start has failed five times in three seconds; what fails once an hour goes on for ever. */
export const DEFAULT_RESTARTS: RestartPolicy = {
  ...{ most: 5, withinMs: 60_000, firstDelayMs: 100 },
  ...{ firstPauseMs: 5000, longestPauseMs: 60_000 },
};

/** Counts the deaths of one thread. */
export class Restarts {
  readonly #policy: RestartPolicy;
  #deaths: number[] = [];
  #pauseMs = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** A death at `nowMs` of a clock that never goes back: how long to wait before the next start, or undefined when there is to be none. */
  afterDeath(nowMs: number): number | undefined {
    const { most, withinMs, firstDelayMs } = this.#policy;
    this.#deaths = [...this.#deaths.filter((death) => nowMs - death < withinMs), nowMs];
    return this.#deaths.length > most ? undefined : firstDelayMs * 2 ** (this.#deaths.length - 1);
  }

  /** The same behind a death whose cause passes one day, such as a full disk: then there is always a next start. */
  afterPassingDeath(nowMs: number): number {
    const { firstPauseMs, longestPauseMs } = this.#policy;
    const isAnother = nowMs - this.#pausedUntilMs > longestPauseMs;
    this.#pauseMs = isAnother ? firstPauseMs : Math.min(this.#pauseMs * 2, longestPauseMs);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    return this.#pauseMs;
  }
}
