import type { DatabaseSync } from 'node:sqlite';
import { indexNames } from '../questions/name-index.ts';
import type { Chore } from './types.ts';

/** Names that came since are looked at one by one in searches, so the index need not be up to date at once. */
const DELAY_MS = 1000;
const STEP_MS = 2;

/** Keeps the index of names up to date. */
export class NamesChore implements Chore {
  readonly #database: DatabaseSync;
  #dueMs: number | undefined = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** There may be other names. Returns whether it has something to do by that alone. */
  changed(): boolean {
    if (this.#dueMs !== undefined) return false;
    this.#dueMs = performance.now() + DELAY_MS;
    return true;
  }

  dueInMs(): number | undefined {
    return this.#dueMs === undefined ? undefined : Math.max(0, this.#dueMs - performance.now());
  }

  *run(): Generator<void, void> {
    this.#dueMs = undefined;
    while (indexNames(this.#database, STEP_MS)) yield;
  }
}
