import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Why events may have been missed. */
export type GapReason = 'not running' | 'overflow' | 'watch lost' | 'watch limit' | 'root gone' | 'killed';

/** The table `gap`: intervals during which events may have been missed. */
export class GapRows {
  readonly #open: StatementSync;
  readonly #close: StatementSync;
  readonly #isOpen: StatementSync;

  constructor(database: DatabaseSync) {
    this.#open = database.prepare('INSERT INTO gap (root, reason, opened) VALUES (?, ?, ?)');
    this.#close = database.prepare('UPDATE gap SET closed = ?, found = found + ? WHERE root = ? AND closed IS NULL');
    this.#isOpen = database.prepare('SELECT 1 FROM gap WHERE root = ? AND reason = ? AND closed IS NULL');
  }

  /** Opens a gap of a root; one that is open for the same reason stays as it is. */
  open(root: number, reason: GapReason, since: bigint): void {
    if (this.#isOpen.get(root, reason) === undefined) this.#open.run(root, reason, since);
  }

  /** Everything below the root was compared; `found` changes were noticed by that. */
  close(root: number, now: bigint, found: number): void {
    this.#close.run(now, found, root);
  }
}
