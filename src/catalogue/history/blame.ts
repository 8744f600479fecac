import type { EventRow } from './event-rows.ts';
import { type EventFilter, EventReader } from './events.ts';
import type { History } from './history.ts';
import type { Maker, PastEvent } from './types.ts';

/** Who made changes, and how many. */
export interface Blame {
  /** Undefined where the kernel did not say who it was. */
  readonly maker?: Pick<Maker, 'executable' | 'unit' | 'uid'>;
  readonly counts: Readonly<Partial<Record<PastEvent['kind'], number>>>;
  readonly events: number;
  /** By how many bytes files grew and new ones came, and by how many they shrank and went. */
  readonly addedBytes: number;
  readonly removedBytes: number;
  /** Of the newest of these changes, in ns. */
  readonly last: bigint;
}

/** What counts of an event. */
interface Change {
  readonly maker: Maker | undefined;
  readonly kind: PastEvent['kind'];
  readonly time: bigint;
  readonly growth: number;
}

interface Tally {
  maker: Blame['maker'];
  counts: Partial<Record<PastEvent['kind'], number>>;
  events: number;
  addedBytes: number;
  removedBytes: number;
  last: bigint;
}

/** Sums up the events of a filter by program, unit and user; whoever made most changes comes first. What went with a deleted directory counts. Takes the memory of a page of events. */
export function blame(history: History, filter: Omit<EventFilter, 'owner'>): Blame[] {
  const tallies = new Map<string, Tally>();
  const changeOf = (row: EventRow): Change => ({ maker: row.maker, kind: row.kind, time: row.time, growth: row.growth(history) });
  for (const { events } of new EventReader(history, { ...filter, all: true }).each(0, changeOf)) {
    for (const event of events) count(tallies, event);
  }
  return [...tallies.values()].sort((a, b) => b.events - a.events).map(({ maker, ...rest }) => ({ ...rest, ...(maker && { maker }) }));
}

function count(tallies: Map<string, Tally>, { maker, kind, time, growth }: Change): void {
  const { pid: _, ...who } = maker ?? { pid: 0 };
  const key = maker === undefined ? '' : JSON.stringify([who.executable, who.unit, who.uid]);
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { maker: maker && who, counts: {}, events: 0, addedBytes: 0, removedBytes: 0, last: time };
    tallies.set(key, tally);
  }
  tally.counts[kind] = (tally.counts[kind] ?? 0) + 1;
  tally.events++;
  if (growth > 0) tally.addedBytes += growth;
  else tally.removedBytes -= growth;
  if (time > tally.last) tally.last = time;
}
