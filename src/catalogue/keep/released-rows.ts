import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Digest } from '../../hash/types.ts';

/**
 * The table `released`: contents that rotation has let go and that the archive of versions still holds. A content that was kept again meanwhile is
 * none of them any more.
 */
export class ReleasedRows {
  readonly #next: StatementSync;
  readonly #keptAgain: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#next = database.prepare('SELECT digest FROM released ORDER BY digest LIMIT ?');
    this.#keptAgain = database.prepare('DELETE FROM released WHERE digest IN (SELECT digest FROM content)');
    this.#delete = database.prepare('DELETE FROM released WHERE digest = ?');
  }

  /** The next ones, up to `most`. Writes: to be called in a transaction. */
  take(most: number): Digest[] {
    this.#keptAgain.run();
    return this.#next.all(most).map(({ digest }) => digest as Digest);
  }

  /** The archive does not hold them any more. */
  done(digests: readonly Digest[]): void {
    for (const digest of digests) this.#delete.run(digest);
  }
}
