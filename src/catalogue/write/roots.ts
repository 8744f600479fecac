import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes, nameToBytes } from '../../base/names.ts';
import { isBelow } from '../look/paths.ts';
import { IS_WATCHED } from '../rows.ts';
import type { NodeId } from '../types.ts';

/** A watched directory. */
export interface Root {
  readonly id: number;
  readonly node: NodeId;
  readonly path: ByteName;
  readonly recursive: boolean;
  /** Whether its first scan came to its end. */
  readonly isScanned: boolean;
}

/** The roots that are watched, of the table `root`. */
export class RootRows {
  readonly #all: StatementSync;
  readonly #insert: StatementSync;
  readonly #known: StatementSync;
  readonly #ever: StatementSync;
  readonly #scanned: StatementSync;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(
      `SELECT id, node, path, recursive, scanned IS NOT NULL AS isScanned FROM root WHERE ${IS_WATCHED} ORDER BY path`,
    );
    this.#insert = database.prepare(`INSERT INTO root (node, path, recursive, added, scanned) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (path) DO UPDATE SET node = excluded.node, recursive = excluded.recursive, scanned = excluded.scanned`);
    this.#ever = database.prepare('SELECT id, path FROM root');
    this.#known = database.prepare('SELECT 1 FROM root WHERE path = ?');
    this.#scanned = database.prepare('UPDATE root SET scanned = ? WHERE scanned IS NULL');
  }

  all(): Root[] {
    return (this.#all.all() as { id: number; node: number; path: Uint8Array; recursive: number; isScanned: number }[]).map((row) => ({
      id: row.id,
      node: row.node,
      path: nameFromBytes(row.path),
      recursive: row.recursive === 1,
      isScanned: row.isScanned === 1,
    }));
  }

  /** Numbers of all roots below a directory that are or were watched. */
  everBelow(path: ByteName): number[] {
    const rows = this.#ever.all() as { id: number; path: Uint8Array }[];
    return rows.filter((row) => nameFromBytes(row.path) !== path && isBelow(nameFromBytes(row.path), path)).map(({ id }) => id);
  }

  /** Whether a directory was watched before, or is. */
  has(path: ByteName): boolean {
    return this.#known.get(nameToBytes(path)) !== undefined;
  }

  /** `isScanned`: what a scan finds in it is told by events. */
  add({ node, path, recursive, isScanned }: Omit<Root, 'id'>, time: bigint): void {
    this.#insert.run(node, nameToBytes(path), recursive ? 1 : 0, time, isScanned ? time : null);
  }

  /** The first scan of all roots has come to its end. */
  setScanned(time: bigint): void {
    this.#scanned.run(time);
  }
}
