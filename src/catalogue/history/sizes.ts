import type { StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { atOneMoment } from '../database.ts';
import { type Row, reading } from '../rows.ts';
import type { StateWeight } from '../state-codec.ts';
import { type DirectorySums, isEnd, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { EventRow, eventQuery } from './event-rows.ts';
import type { History } from './history.ts';
import { forgottenOf, momentOf } from './moments.ts';
import { type Holder, holdersOf, locate, watchedOf } from './paths.ts';
import type { Moment } from './types.ts';

/** What a folder or file took at a time. */
export interface Weight extends Pick<DirectorySums, 'disk' | 'files' | 'directories'> {
  readonly size: number;
}

export interface SizePoint extends Weight {
  /** In ns since 1970. */
  readonly time: bigint;
  /** The events of that time were dropped: this is what it was when sums were taken last before it. */
  readonly isSummary?: boolean;
}

const NOTHING: Weight = { size: 0, disk: 0, files: 0, directories: 0 };
const PAGE_EVENTS = 2000;

/**
 * What a path took at each of `times` (ns), in their order; nothing while it was not there, and no answer for times at which it was not watched. Beginning with the sums of
 * today, events are taken back one by one: costs the events since the earliest time, and the memory of a page of them. `disk` takes the space of directories themselves for what it was when they were last
 * written down.
 */
export function sizesOf(history: History, path: ByteName, times: readonly bigint[]): SizePoint[] {
  const { database } = history;
  return atOneMoment(database, () => {
    const forgotten = forgottenOf(database);
    const isForgotten = (time: bigint) => forgotten !== undefined && time < forgotten.time;
    const roots = locate(history, path);
    const recent = times.filter((time) => !isForgotten(time) && watchedOf(history, roots, time).length > 0);
    const meter = new Meter(history, path);
    const found = new Map<bigint, SizePoint>();
    for (const time of recent.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)))
      found.set(time, { time, ...meter.backTo(momentOf(database, time)) });
    if (forgotten !== undefined) {
      const holder = holdersOf(history, path).find((each) => each.since <= forgotten.event && forgotten.event < each.until);
      for (const time of times) if (holder !== undefined && isForgotten(time)) addSummary(history, holder.node, time, found);
    }
    return times.flatMap((time) => found.get(time) ?? []);
  });
}

/** Goes back through the history with the sums of the nodes that had a path. */
class Meter {
  readonly #history: History;
  readonly #sums = new Map<NodeId, Weight>();
  readonly #tops: ReadonlySet<NodeId>;
  readonly #holders: readonly Holder[];
  readonly #events: StatementSync;
  /** Everything behind it was taken back. */
  #moment: Moment;

  constructor(history: History, path: ByteName) {
    this.#history = history;
    this.#holders = holdersOf(history, path);
    this.#tops = new Set(this.#holders.map(({ node }) => node));
    this.#moment = history.newest();
    this.#events = eventQuery(
      history.database,
      `WHERE event.id <= ? AND event.id > ? ORDER BY event.id DESC LIMIT ${PAGE_EVENTS}`,
      'NOT INDEXED',
    );
    const sums = reading(history.database, 'SELECT size, disk, files, directories FROM directory WHERE node = ?');
    for (const top of this.#tops) {
      const row = sums.get(top) as Row | undefined;
      const state = row === undefined ? history.stateAt(top, this.#moment) : undefined;
      this.#sums.set(top, row === undefined ? weightOf(state) : weightOfRow(row));
    }
  }

  /** The sums of the one that had the path at a moment, which is no later than the one asked for before. */
  backTo(moment: Moment): Weight {
    while (this.#moment > moment) {
      const rows = this.#events.all(this.#moment, moment) as Row[];
      for (const row of rows) this.#takeBack(new EventRow(row));
      this.#moment = rows.length < PAGE_EVENTS ? moment : Number(rows.at(-1)?.id) - 1;
    }
    const holder = this.#holders.find(({ since, until }) => since <= moment && moment < until);
    return (holder && this.#sums.get(holder.node)) ?? NOTHING;
  }

  #takeBack(event: EventRow): void {
    const { id, node, kind, from, told } = event;
    const { weightBefore: before } = event;
    const after = event.weightAfter(this.#history);
    const isDirectory = (before ?? after)?.kind === 'directory';
    if (this.#tops.has(node)) {
      if (isDirectory) this.#add(node, weightOf(before, 0), weightOf(after, 0));
      else this.#sums.set(node, weightOf(before));
    }
    const placeAfter = isEnd(kind) ? undefined : event.place(this.#history);
    const placeBefore = kind === 'created' ? undefined : kind === 'moved' || isEnd(kind) ? from : placeAfter;
    const momentBefore = isEnd(kind) ? told : id - 1;
    const topsBefore = this.#above(placeBefore, momentBefore);
    const topsAfter = this.#above(placeAfter, id);
    if (topsBefore.length === 0 && topsAfter.length === 0) return;
    const crosses = topsBefore.length !== topsAfter.length || topsBefore.some((top) => !topsAfter.includes(top));
    // Else it weighs more or less by its own state alone.
    const isWhole = isDirectory && kind === 'moved' && crosses;
    const content = isWhole ? this.#contentAt(node, id) : NOTHING;
    for (const top of new Set([...topsBefore, ...topsAfter])) {
      this.#add(
        top,
        topsBefore.includes(top) ? sum(weightOf(before), content) : NOTHING,
        topsAfter.includes(top) ? sum(weightOf(after), content) : NOTHING,
      );
    }
  }

  #add(top: NodeId, more: Weight, less: Weight): void {
    const now = this.#sums.get(top) ?? NOTHING;
    this.#sums.set(top, sum(sum(now, more), less, -1));
  }

  /** Those of the nodes that had the path which were above a place. */
  #above(place: Place | undefined, moment: Moment): NodeId[] {
    const found: NodeId[] = [];
    for (let at = place; at !== undefined && at.parent > NO_DIRECTORY; ) {
      const top = this.#history.above(at, this.#tops, moment);
      if (top === undefined) break;
      found.push(top);
      at = this.#history.placeAt(top, moment);
    }
    return found;
  }

  /** The sums over what is in a directory: one that was carried across the border of the path, which is rare. */
  #contentAt(directory: NodeId, moment: Moment): Weight {
    let total = NOTHING;
    for (const stack = [directory]; stack.length > 0; ) {
      for (const child of this.#history.childrenAt(stack.pop() as NodeId, moment)) {
        total = sum(total, weightOf(child.state));
        if (child.state.kind === 'directory') stack.push(child.id);
      }
    }
    return total;
  }
}

function addSummary({ database }: History, directory: NodeId, time: bigint, found: Map<bigint, SizePoint>): void {
  const last = reading(
    database,
    'SELECT size, disk, files, directories FROM summary WHERE directory = ? AND time <= ? ORDER BY time DESC LIMIT 1',
  );
  const row = last.get(directory, time) as Row | undefined;
  if (row !== undefined) found.set(time, { time, ...weightOfRow(row), isSummary: true });
}

/** What an entry adds to its directory, what is in it left out; with `itself` 0, what a directory adds to its own sums. */
function weightOf(state: StateWeight | undefined, itself = 1): Weight {
  if (state === undefined) return NOTHING;
  const { kind, size, disk } = state;
  if (kind === 'directory') return { size: 0, disk, files: 0, directories: itself };
  return { size: kind === 'file' ? size : 0, disk, files: itself, directories: 0 };
}

function weightOfRow({ size, disk, files, directories }: Row): Weight {
  return { size: Number(size), disk: Number(disk), files: Number(files), directories: Number(directories) };
}

function sum(a: Weight, b: Weight, times = 1): Weight {
  return {
    size: a.size + times * b.size,
    disk: a.disk + times * b.disk,
    files: a.files + times * b.files,
    directories: a.directories + times * b.directories,
  };
}
