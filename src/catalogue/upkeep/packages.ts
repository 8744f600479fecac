import type { DatabaseSync } from 'node:sqlite';
import { hasErrno } from '../../base/errors.ts';
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
      // An error of SQLite is the catalogue's own. Whatever else a package manager has in its files ends nothing.
      if (hasErrno(error, 'ERR_SQLITE_ERROR')) throw error;
      this.#events.onProblem(`the packages of ${this.#source.manager} cannot be read: ${(error as Error).message}`);
    }
    this.#lookedMs = performance.now();
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#events.onKnown();
  }
}
