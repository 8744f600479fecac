import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KeptContent } from './types.ts';

/** Writes the table `content`. */
export class ContentRows {
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(`INSERT INTO content (digest, size, ref, stored) VALUES (?, ?, ?, ?)
      ON CONFLICT (digest) DO UPDATE SET ref = excluded.ref WHERE ref IS NOT excluded.ref`);
  }

  /** The store keeps this, by this ref. */
  add({ digest, size, ref }: KeptContent, time: bigint): void {
    this.#insert.run(digest, size, ref, time);
  }
}
