import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameToBytes } from '../../base/names.ts';
import { lastEventNumber } from '../numbers.ts';
import { encodeState } from '../state-codec.ts';
import { type Cause, EVENT_KINDS, type EventKind, type NodeId, type NodeState, ORIGINS, type Place } from '../types.ts';
import { UnattributedEvents } from './unattributed.ts';

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

/** Writes events. Nothing is ever changed in them again, but that it becomes known who did it. */
export class Journal {
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  /** How many were written of what scans have found. */
  #found = 0;
  readonly #database: DatabaseSync;
  readonly #unattributed: UnattributedEvents;
  /** No event up to this number may stand for a later change. */
  #sealed: number;
  /** At least the number of the newest event: one that was taken back with its transaction counts too. */
  #newest: number;
  /** Whether a change becomes an event. It has to say so of directories that come, go and move, of which the paths of the past are made. */
  isRecorded: (cause: Cause, happening: Happening) => boolean = () => true;

  constructor(database: DatabaseSync) {
    this.#insert =
      database.prepare(`INSERT INTO event (time, node, kind, origin, process, fromParent, fromName, toParent, toName, within, before)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#last = database.prepare('SELECT id, time, kind FROM event WHERE node = ? ORDER BY id DESC LIMIT 1');
    this.#last.setReadBigInts(true);
    this.#database = database;
    this.#unattributed = new UnattributedEvents(database);
    // Somebody may have asked an earlier process.
    this.#sealed = lastEventNumber(database);
    this.#newest = this.#sealed;
  }

  /** The number of the newest event. Whatever changes from now on is told by events of higher numbers. Not within a transaction. */
  seal(): number {
    this.#sealed = lastEventNumber(this.#database);
    return this.#sealed;
  }

  /** A number above that of every event there is, and not above that of the next one. */
  get next(): number {
    return this.#newest + 1;
  }

  /** Returns the number of the event; undefined when it is not recorded. */
  write(cause: Cause, happening: Happening): number | undefined {
    if (!this.isRecorded(cause, happening)) return undefined;
    const { time, origin, process } = cause;
    const { node, kind, from, to, before, within } = happening;
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
    this.#newest = Number(result.lastInsertRowid);
    if (origin === 'live' && process === undefined) this.#unattributed.add(node, this.#newest, time);
    return this.#newest;
  }

  /** The kernel has told of a node, of which a listing may have told before: then its event gets that process. */
  told(node: NodeId, process: number | undefined, time: bigint): void {
    this.#unattributed.told(node, process, time);
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
    const last = this.#last.get(node) as { id: bigint; time: bigint; kind: bigint } | undefined;
    return last !== undefined && Number(last.id) > this.#sealed && Number(last.kind) === MODIFIED && time - last.time < MERGE_NS;
  }
}
