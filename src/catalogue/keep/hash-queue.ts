import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { NODE_COLUMNS, nodeOfRow, reading } from '../rows.ts';
import type { CatalogueNode, NodeId } from '../types.ts';

/** A file that changes waits until it has not changed for so long; one that never is quiet is read all the same, at the latest after so long. */
const QUIET_MS = 2000;
const PATIENCE_MS = 60_000;
const AT_ONCE = Number.NEGATIVE_INFINITY;
/** So many numbers of nodes are looked through at once for files that were not read: a few batches, since their rows are in memory until those are under way. */
const NODES_AT_ONCE = 1024;

interface Changed {
  /** Of the first change that it waits for, and of the newest; the first is `AT_ONCE` where it is waited for no longer. */
  sinceMs: number;
  lastMs: number;
}

export interface DueFiles {
  readonly nodes: readonly CatalogueNode[];
  /** Else nobody knows better than that those whose digest is known still have it. */
  readonly haveChanged: boolean;
}

/**
 * Which files are to be read, and when: those that have changed, once they are quiet; and behind them all that have no digest or whose content is not kept, in the order
 * of their numbers, which is about that of the disk.
 */
export class HashQueue {
  readonly #get: StatementSync;
  readonly #unread: StatementSync;
  readonly #largest: StatementSync;
  readonly #changedBefore: StatementSync;
  readonly #quietMs: number;
  readonly #changed = new Map<NodeId, Changed>();
  /** The backlog has been looked through up to here; undefined: to its end. */
  #cursor: NodeId | undefined;

  constructor(database: DatabaseSync, quietMs = QUIET_MS) {
    this.#quietMs = quietMs;
    this.#get = reading(database, `SELECT ${NODE_COLUMNS} FROM node WHERE id = ?`);
    this.#unread = reading(
      database,
      `SELECT ${NODE_COLUMNS} FROM node WHERE id > ? AND id <= ? AND kind IN (8, 10)
      AND (digest IS NULL OR NOT EXISTS (SELECT 1 FROM content WHERE content.digest = node.digest))`,
    );
    this.#largest = database.prepare('SELECT max(id) AS id FROM node');
    this.#changedBefore = database.prepare('SELECT node FROM unread');
  }

  /** How many changed files wait. */
  get changed(): number {
    return this.#changed.size;
  }
  /** Whether files without a digest may be there that nobody has looked at since the start. */
  get hasBacklog(): boolean {
    return this.#cursor !== undefined;
  }

  /** Whether files wait that were here at the last `hurry`. */
  get hasHurried(): boolean {
    // Those that came since are behind them.
    const [first] = this.#changed.values();
    return first?.sinceMs === AT_ONCE;
  }

  /** The files that wait now are due, quiet or not. One that changes again when it was given out waits as any other. */
  hurry(): void {
    for (const changed of this.#changed.values()) changed.sinceMs = AT_ONCE;
  }

  /** The content of a file is new, or may have changed. */
  add(id: NodeId, nowMs: number): void {
    const known = this.#changed.get(id);
    if (known === undefined) this.#changed.set(id, { sinceMs: nowMs, lastMs: nowMs });
    else known.lastMs = nowMs;
  }

  /** Has all nodes looked through for files without a digest, or whose content is not kept; those that had changed when they were not read any more are here again. */
  startBacklog(nowMs: number): void {
    this.#cursor = 0;
    for (const { node } of this.#changedBefore.iterate()) if (!this.#changed.has(Number(node))) this.add(Number(node), nowMs);
  }

  /** The next files, which are then no longer in the queue; with `all`, those that are not quiet too. Files that are gone are left out. May be empty although the backlog is not at its end. */
  next(nowMs: number, all: boolean): DueFiles {
    const due: CatalogueNode[] = [];
    for (const [id, { sinceMs, lastMs }] of this.#changed) {
      if (!all && nowMs - lastMs < this.#quietMs && nowMs - sinceMs < PATIENCE_MS) continue;
      this.#changed.delete(id);
      const row = this.#get.get(id);
      if (row !== undefined) due.push(nodeOfRow(row));
      if (due.length === NODES_AT_ONCE) break;
    }
    return due.length > 0 ? { nodes: due, haveChanged: true } : { nodes: this.#nextOfBacklog(), haveChanged: false };
  }

  /** When the next changed file may be due, in milliseconds from now; undefined: none waits. */
  dueIn(nowMs: number): number | undefined {
    let first: number | undefined;
    for (const { sinceMs, lastMs } of this.#changed.values()) {
      const due = Math.min(lastMs + this.#quietMs, sinceMs + PATIENCE_MS) - nowMs;
      if (first === undefined || due < first) first = due;
      if (first <= 0) return 0;
    }
    return first;
  }

  #nextOfBacklog(): CatalogueNode[] {
    if (this.#cursor === undefined) return [];
    const from = this.#cursor;
    const largest = (this.#largest.get() as { id: number | null }).id ?? 0;
    const to = Math.min(from + NODES_AT_ONCE, largest);
    this.#cursor = to >= largest ? undefined : to;
    return this.#unread.all(from, to).map(nodeOfRow);
  }
}
