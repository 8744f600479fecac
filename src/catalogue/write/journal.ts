import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameToBytes } from '../../base/names.ts';
import { encodeState } from '../state-codec.ts';
import { type Cause, EVENT_KINDS, type EventKind, type NodeId, type NodeState, ORIGINS, type Place } from '../types.ts';

/** What an event says besides its cause. */
export interface Happening {
  readonly node: NodeId;
  readonly kind: EventKind;
  readonly from?: Place;
  readonly to?: Place;
  /** Undefined for what was created. */
  readonly before?: NodeState;
  /** The event of the directory that took this node with it. */
  readonly within?: number;
}

const MODIFIED = EVENT_KINDS.indexOf('modified');
/** Modifications that follow one another this closely, with no digest known between them, are one event: nobody could look at what was between. */
const MERGE_NS = 1_000_000_000n;

/** Writes events. Nothing is ever changed in them again. */
export class Journal {
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  /** How many were written of what scans have found. */
  #found = 0;

  constructor(database: DatabaseSync) {
    this.#insert =
      database.prepare(`INSERT INTO event (time, node, kind, origin, process, fromParent, fromName, toParent, toName, within, before)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#last = database.prepare('SELECT time, kind FROM event WHERE node = ? ORDER BY id DESC LIMIT 1');
    this.#last.setReadBigInts(true);
  }

  /** Returns the number of the event. */
  write({ time, origin, process }: Cause, { node, kind, from, to, before, within }: Happening): number {
    if (origin === 'scan') this.#found++;
    const result = this.#insert.run(
      time,
      node,
      EVENT_KINDS.indexOf(kind),
      ORIGINS.indexOf(origin),
      process ?? null,
      from?.parent ?? null,
      from === undefined ? null : nameToBytes(from.name),
      to?.parent ?? null,
      to === undefined ? null : nameToBytes(to.name),
      within ?? null,
      before === undefined ? null : encodeState(before),
    );
    return Number(result.lastInsertRowid);
  }

  /** How many changes scans have found since this was asked last. */
  takeFound(): number {
    const found = this.#found;
    this.#found = 0;
    return found;
  }

  /** Whether a modification noticed now belongs to the one noticed just before. */
  continuesModification(node: NodeId, { time }: Cause, before: NodeState): boolean {
    if (before.digest !== undefined) return false;
    const last = this.#last.get(node) as { time: bigint; kind: bigint } | undefined;
    return last !== undefined && Number(last.kind) === MODIFIED && time - last.time < MERGE_NS;
  }
}
