import type { ByteName } from '../../base/names.ts';
import type { EventKind, NodeId, NodeState, Origin, Place } from '../types.ts';

/**
 * The past: what was where, and what happened, answered from table `event` and the rows as they are now. Nothing here writes.
 *
 * History is read backwards. An event holds the state and the place *before* it; so what held at a moment is told by the first event behind that moment, or
 * by the row when there is none. Every question so costs a few looks into an index, however long the history is.
 */

/** A point of the history: everything up to and including the event of that number has happened, and nothing behind it. */
export type Moment = number;

/** A node as it was at a moment. */
export interface PastNode extends Place {
  readonly id: NodeId;
  readonly state: NodeState;
}

/** Who made a change, as far as the kernel told. */
export interface Maker {
  readonly pid: number;
  /** The path of the program, when it could still be read. */
  readonly executable?: ByteName;
  /** The unit of systemd that it ran in. */
  readonly unit?: string;
  readonly uid?: number;
}

/** An event, with the paths that were right at its time. */
export interface PastEvent {
  readonly id: number;
  /** In ns since 1970. */
  readonly time: bigint;
  readonly node: NodeId;
  readonly kind: EventKind;
  readonly origin: Origin;
  /** Where the node was after the event, of a deletion before it. Undefined where a directory above it was dropped from the history. */
  readonly path: ByteName | undefined;
  /** Of a move: where it was before. */
  readonly from?: ByteName | undefined;
  readonly maker?: Maker;
  /** The event of the directory that took this node with it. */
  readonly within?: number;
  readonly before: NodeState | undefined;
  readonly after: NodeState | undefined;
}

/** An interval during which events may have been missed. */
export interface Gap {
  readonly root: ByteName | undefined;
  readonly reason: string;
  readonly opened: bigint;
  /** Undefined until everything was compared again. */
  readonly closed: bigint | undefined;
  /** How many changes the comparison found. */
  readonly found: number;
}

/** A name that could not be listed, looked at or read. */
export interface Failure {
  readonly path: ByteName | undefined;
  readonly code: string;
  readonly call: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly count: number;
}
