import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import type { NodeId } from '../types.ts';

/** The table `failure` (C16): what could not be listed, looked at or read. */
export class FailureRows {
  readonly #upsert: StatementSync;
  readonly #forget: StatementSync;

  constructor(database: DatabaseSync) {
    this.#upsert = database.prepare(`INSERT INTO failure (node, name, code, call, first, last, count) VALUES (?, ?, ?, ?, ?, ?, 1)
      ON CONFLICT (node, name, code) DO UPDATE SET call = excluded.call, last = excluded.last, count = count + 1`);
    this.#forget = database.prepare('DELETE FROM failure WHERE node = ?');
  }

  /** `name` in the directory `node`; `.` for the directory itself. */
  note(node: NodeId, name: ByteName, { code, call }: { readonly code: string; readonly call: string }, time: bigint): void {
    this.#upsert.run(node, nameToBytes(name), code, call, time, time);
  }

  /** A directory is of no concern any more. */
  forget(node: NodeId): void {
    this.#forget.run(node);
  }
}
