import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameToBytes } from '../../base/names.ts';
import type { ProcessInfo } from './types.ts';

/**
 * Numbers of processes in the table `process`, for events to point to. A process has one row, also when it was seen bit by bit: what
 * becomes known fills what was not, and of several executables the last stands. Written in the caller's transaction.
 */
export class ProcessRows {
  readonly #upsert: StatementSync;

  constructor(database: DatabaseSync) {
    this.#upsert = database.prepare(`
      INSERT INTO process (pid, started, executable, unit, uid) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (pid, started) DO UPDATE SET
        executable = coalesce(excluded.executable, executable), unit = coalesce(excluded.unit, unit), uid = coalesce(excluded.uid, uid)
      RETURNING id`);
  }

  idOf({ pid, started, executable, unit, uid }: ProcessInfo): number {
    const bytes = executable === undefined ? null : nameToBytes(executable);
    return this.#upsert.get(pid, started, bytes, unit ?? null, uid ?? null)?.id as number;
  }
}
