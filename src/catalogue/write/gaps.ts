import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Why events may have been missed. */
export type GapReason =
  | 'not running'
  | 'overflow'
  | 'watch lost'
  | 'watch limit'
  | 'not watchable'
  | 'loss untold'
  | 'root gone'
  | 'not watched';

/** The table `gap`: intervals during which events may have been missed. */
export class GapRows {
  readonly #open: StatementSync;
  readonly #add: StatementSync;
  readonly #close: StatementSync;
  readonly #reasons: StatementSync;

  constructor(database: DatabaseSync) {
    this.#open = database.prepare('INSERT INTO gap (root, reason, opened) VALUES (?, ?, ?)');
    this.#add = database.prepare('UPDATE gap SET found = found + ? WHERE root = ? AND closed IS NULL');
    this.#close = database.prepare('UPDATE gap SET closed = ? WHERE root = ? AND reason = ? AND closed IS NULL');
    this.#reasons = database.prepare('SELECT reason FROM gap WHERE root = ? AND closed IS NULL');
  }

  /** Opens a gap of a root; one that is open for the same reason stays as it is. Returns whether it was opened. */
  open(root: number, reason: GapReason, since: bigint): boolean {
    if (this.#openReasons(root).includes(reason)) return false;
    this.#open.run(root, reason, since);
    return true;
  }

  /** Everything below the root was compared; `found` changes were noticed by that. Gaps of the reasons `but` stay open: they go on. */
  close(root: number, now: bigint, found: number, but: readonly GapReason[]): void {
    this.#add.run(found, root);
    for (const reason of this.#openReasons(root)) if (!but.includes(reason)) this.#close.run(now, root, reason);
  }

  #openReasons(root: number): GapReason[] {
    return (this.#reasons.all(root) as { reason: GapReason }[]).map(({ reason }) => reason);
  }
}
