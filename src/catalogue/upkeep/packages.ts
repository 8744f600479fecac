import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../../base/errors.ts';
import { refreshPackages } from '../packages/refresh.ts';
import type { PackageDatabase } from '../packages/types.ts';
import type { Chore } from './types.ts';

/** So often it is looked whether packages have changed. */
const CHECK_MS = 60_000;

export interface PackagesEvents {
  /** Other packages are known. */
  readonly onChanged: () => void;
  /** It was looked for the first time since the start. */
  readonly onKnown: () => void;
  /** Its database cannot be read; what was known of it before stays. */
  readonly onProblem: (problem: string) => void;
}

/** Keeps the packages of one manager in step with its database. */
export class PackagesChore implements Chore {
  readonly #database: DatabaseSync;
  readonly #source: PackageDatabase;
  readonly #events: PackagesEvents;
  #lookedMs: number | undefined;
  /** Of what was read, or could not be, since the start. */
  #stamp: string | undefined;
  #isKnown = false;

  constructor(database: DatabaseSync, source: PackageDatabase, events: PackagesEvents) {
    this.#database = database;
    this.#source = source;
    this.#events = events;
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  dueInMs(): number {
    return this.#lookedMs === undefined ? 0 : Math.max(0, this.#lookedMs + CHECK_MS - performance.now());
  }

  *run(): Generator<void, void> {
    try {
      const stamp = this.#source.stamp();
      if (!this.#isKnown || stamp !== this.#stamp) {
        this.#stamp = stamp;
        const { read, removed } = yield* refreshPackages(this.#database, this.#source);
        if (read > 0 || removed > 0) this.#events.onChanged();
      }
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      this.#events.onProblem(`the packages of ${this.#source.manager} cannot be read: ${error.message}`);
    }
    this.#lookedMs = performance.now();
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#events.onKnown();
  }
}
