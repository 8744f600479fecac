import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { nameOf, numberOf, type Row, reading } from '../rows.ts';
import { decodeState, type StateWeight, weighState } from '../state-codec.ts';
import { EVENT_KINDS, type EventKind, isEnd, ORIGINS, type Origin, type Place } from '../types.ts';
import type { History } from './history.ts';
import type { Maker, Moment, PastEvent } from './types.ts';

const COLUMNS = `event.id, event.time, event.node, event.kind, event.origin, event.fromParent, event.fromName, event.toParent, event.toName,
  event.within, event.before, process.pid, process.executable, process.unit, process.uid`;

/** A query for events with their makers; `rest` is what follows the tables. Its rows are for `EventRow`. */
export function eventQuery(database: DatabaseSync, rest: string, index = ''): StatementSync {
  return reading(database, `SELECT ${COLUMNS} FROM event ${index} LEFT JOIN process ON process.id = event.process ${rest}`);
}

/** An event as its row says; what needs further looks is found out when it is asked for. */
export class EventRow {
  readonly id: number;
  readonly time: bigint;
  readonly node: number;
  readonly kind: EventKind;
  readonly origin: Origin;
  readonly from: Place | undefined;
  readonly to: Place | undefined;
  readonly within: number | undefined;
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
    this.id = Number(row.id);
    this.time = row.time as bigint;
    this.node = Number(row.node);
    this.kind = EVENT_KINDS[Number(row.kind)] as EventKind;
    this.origin = ORIGINS[Number(row.origin)] as Origin;
    this.from = row.fromParent === null ? undefined : { parent: Number(row.fromParent), name: nameOf(row.fromName) };
    this.to = row.toParent === null ? undefined : { parent: Number(row.toParent), name: nameOf(row.toName) };
    this.within = numberOf(row.within);
  }

  /** The place that tells where it happened: after the event, of an end before it. */
  place(history: History): Place | undefined {
    return this.to ?? this.from ?? history.placeAt(this.node, this.id);
  }

  /** The moment whose paths tell where it happened: of an end the one before it, or before the directory went that took it. */
  get told(): Moment {
    return isEnd(this.kind) ? this.toldBefore : this.id;
  }

  /** The moment before the event, or before that of the directory that took this node with it. */
  get toldBefore(): Moment {
    return (this.within ?? this.id) - 1;
  }

  get maker(): Maker | undefined {
    const { pid, executable, unit, uid } = this.#row;
    if (pid === null) return undefined;
    return {
      pid: Number(pid),
      ...(executable !== null && { executable: nameOf(executable) }),
      ...(unit !== null && { unit: String(unit) }),
      ...(uid !== null && { uid: Number(uid) }),
    };
  }

  get before(): PastEvent['before'] {
    return this.#row.before === null ? undefined : decodeState(this.#row.before as Uint8Array);
  }

  after(history: History): PastEvent['after'] {
    return isEnd(this.kind) ? undefined : history.stateAt(this.node, this.id);
  }

  /** What of the states before and after it counts in sums, at a fraction of the cost. */
  get weightBefore(): StateWeight | undefined {
    return this.#row.before === null ? undefined : weighState(this.#row.before as Uint8Array);
  }

  weightAfter(history: History): StateWeight | undefined {
    return isEnd(this.kind) ? undefined : history.weightAt(this.node, this.id);
  }

  /** By how much the file became larger; negative for one that shrank or went, 0 for what is no file, and for one that is merely not watched any more. */
  growth(history: History): number {
    if (this.kind === 'unwatched') return 0;
    const { weightBefore: before } = this;
    const after = this.weightAfter(history);
    return (after?.kind === 'file' ? after.size : 0) - (before?.kind === 'file' ? before.size : 0);
  }

  /** The event with its paths and states. */
  resolve(history: History): PastEvent {
    const { id, time, node, kind, origin, within, maker, before } = this;
    return {
      ...{ id, time, node, kind, origin, before },
      path: history.pathAt(node, this.told),
      ...(kind === 'moved' && { from: history.pathAt(node, id - 1) }),
      ...(maker !== undefined && { maker }),
      ...(within !== undefined && { within }),
      after: this.after(history),
    };
  }
}
