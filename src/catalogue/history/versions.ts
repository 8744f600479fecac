import type { StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { type Row, reading } from '../rows.ts';
import type { EventKind, NodeId, NodeState, Origin } from '../types.ts';
import { EventRow, eventQuery } from './event-rows.ts';
import type { History } from './history.ts';
import { beginningOf, holdersOf, type Root, rootsOf } from './paths.ts';
import type { Maker, Moment } from './types.ts';

/** What a path held from one event to the next. */
export interface Version {
  /** In ns since 1970. Of what was found: since when it is known. */
  readonly time: bigint;
  /** `found`: it was there when the history begins. */
  readonly kind: EventKind | 'found';
  /** The event that began it. */
  readonly event: number | undefined;
  /** The moment that it began at. */
  readonly since: Moment;
  readonly node: NodeId;
  readonly path: ByteName | undefined;
  readonly from?: ByteName | undefined;
  readonly origin?: Origin;
  readonly maker?: Maker;
  /** Undefined for a deletion. */
  readonly state: NodeState | undefined;
  /** Whether the store has the content. */
  readonly kept: boolean;
}

export interface VersionOptions {
  /** No more than so many. */
  readonly limit?: number;
  /** Nothing behind this event. */
  readonly until?: number;
}

/**
 * The versions of a path, newest first: of the node that has it now, through all its moves, and of those that had it before, up to when they left it. So a file that an
 * editor replaces by a new one at each save has its whole history, and so has one that is gone. That what was replaced is gone becomes known a moment later, and is no version of the path. Memory follows the number of versions asked for.
 */
export function versionsOf(history: History, path: ByteName, options: VersionOptions = {}): Version[] {
  const limit = Math.min(options.limit ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const newest = options.until ?? Number.MAX_SAFE_INTEGER;
  const reader = new VersionReader(history);
  const found = new Map<string, Version>();
  const holders = holdersOf(history, path).filter(({ since }) => since <= newest);
  for (const [i, holder] of holders.entries()) {
    const isReplaced = (holders[i - 1]?.since ?? Number.MAX_SAFE_INTEGER) < holder.until;
    const versions = reader
      .read(holder.node, Math.min(holder.until, newest), limit)
      .filter(({ kind, event }) => !(isReplaced && kind === 'deleted' && event === holder.until));
    // A node may have had the path several times.
    for (const version of versions) found.set(`${version.node} ${version.event}`, version);
    const older = holders[i + 1]?.until ?? 0;
    // Whoever had the path earlier has nothing newer to tell.
    if ((versions.at(limit - 1)?.since ?? 0) > older) break;
  }
  return [...found.values()].sort((a, b) => b.since - a.since).slice(0, limit);
}

class VersionReader {
  readonly #history: History;
  readonly #roots: ReadonlyMap<ByteName | undefined, Root>;
  readonly #events: StatementSync;
  readonly #isKept: StatementSync;

  constructor(history: History) {
    this.#history = history;
    this.#roots = new Map(rootsOf(history).map((root) => [root.path, root]));
    const { database } = history;
    this.#events = eventQuery(database, 'WHERE event.node = ? AND event.id <= ? ORDER BY event.id DESC LIMIT ?', 'INDEXED BY event_node');
    this.#isKept = reading(database, 'SELECT 1 FROM content WHERE digest = ?');
  }

  /** Of one node, up to an event. */
  read(node: NodeId, until: number, limit: number): Version[] {
    const rows = this.#events.all(node, Math.min(until, Number.MAX_SAFE_INTEGER), limit) as Row[];
    const events = rows.map((row) => new EventRow(row));
    const newest = events[0];
    let state = this.#history.stateAt(node, newest?.id ?? 0);
    const versions: Version[] = [];
    for (const event of events) {
      const { id, time, kind, origin, maker } = event;
      versions.push({
        ...{ time, kind, event: id, since: id, node, origin },
        path: this.#history.pathAt(node, event.told),
        ...(kind === 'moved' && { from: this.#history.pathAt(node, id - 1) }),
        ...(maker !== undefined && { maker }),
        ...{ state, kept: this.#keeps(state) },
      });
      state = event.before;
    }
    const isWhole = versions.length < limit && newest?.kind !== 'created' && events.at(-1)?.kind !== 'created';
    if (isWhole && state !== undefined) {
      const found = events.at(-1)?.toldBefore ?? 0;
      const path = this.#history.pathAt(node, found);
      // At first, since that root may have become a folder of another; a folder above may have come during the first scan.
      const root = this.#history.rootAt(node, 0) ?? this.#history.rootAt(node, found);
      const { time, moment: since } = beginningOf(this.#history, this.#roots.get(root));
      const kept = this.#keeps(state);
      versions.push({ time, kind: 'found', event: undefined, since, node, path, state, kept });
    }
    return versions;
  }

  #keeps(state: NodeState | undefined): boolean {
    return state?.digest !== undefined && this.#isKept.get(state.digest) !== undefined;
  }
}
