/** How often a thread that dies may be started again. */
export interface RestartPolicy {
  /** So many deaths within `withinMs` are one too many. */
  readonly most: number;
  readonly withinMs: number;
  /** Before the first restart; doubled with each further one. */
  readonly firstDelayMs: number;
}

/** What fails at each start has failed five times in three seconds; what fails once an hour goes on for ever. */
export const DEFAULT_RESTARTS: RestartPolicy = { most: 5, withinMs: 60_000, firstDelayMs: 100 };

/** Counts the deaths of one thread. */
export class Restarts {
  readonly #policy: RestartPolicy;
  #deaths: number[] = [];

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** A death at `nowMs` of a clock that never goes back: how long to wait before the next start, or undefined when there is to be none. */
  afterDeath(nowMs: number): number | undefined {
    const { most, withinMs, firstDelayMs } = this.#policy;
    this.#deaths = [...this.#deaths.filter((death) => nowMs - death < withinMs), nowMs];
    return this.#deaths.length > most ? undefined : firstDelayMs * 2 ** (this.#deaths.length - 1);
  }
}
