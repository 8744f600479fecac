import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';

/**
 * The table `unread`: files that may hold something else than their digest says, since their change time alone is another one than when they were read. A file is here until it was read again, also if the daemon ends before.
 * Within the transactions of its writer. Where there are none, as mostly, nothing is asked.
 */
export class UnreadRows {
  readonly #any: StatementSync;
  readonly #add: StatementSync;
  readonly #delete: StatementSync;
  #isEmpty: boolean;

  constructor(database: DatabaseSync) {
    this.#any = database.prepare('SELECT 1 FROM unread LIMIT 1');
    this.#add = database.prepare('INSERT OR IGNORE INTO unread VALUES (?)');
    this.#delete = database.prepare('DELETE FROM unread WHERE node = ?');
    this.#isEmpty = this.#hasNone();
  }

  add(id: NodeId): void {
    this.#add.run(id);
    this.#isEmpty = false;
  }

  /** It was read, or is no more. */
  delete(id: NodeId): void {
    if (!this.#isEmpty) this.#delete.run(id);
  }

  /** To be called behind each transaction: whether any are left. */
  settle(): void {
    if (!this.#isEmpty) this.#isEmpty = this.#hasNone();
  }

  #hasNone(): boolean {
    return this.#any.get() === undefined;
  }
}
