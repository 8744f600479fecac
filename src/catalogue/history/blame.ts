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

interface Tally {
  maker: Blame['maker'];
  counts: Partial<Record<PastEvent['kind'], number>>;
  events: number;
  addedBytes: number;
  removedBytes: number;
  last: bigint;
}

/** Sums up the events of a filter by program, unit and user; whoever made most changes comes first. What went with a deleted directory counts. */
export function blame(history: History, filter: EventFilter): Blame[] {
  const tallies = new Map<string, Tally>();
  for (const { events } of new EventReader(history, { ...filter, all: true }).after(0)) {
    for (const event of events) count(tallies, event);
  }
  return [...tallies.values()].sort((a, b) => b.events - a.events).map(({ maker, ...rest }) => ({ ...rest, ...(maker && { maker }) }));
}

function count(tallies: Map<string, Tally>, { maker, kind, time, before, after }: PastEvent): void {
  const { pid: _, ...who } = maker ?? { pid: 0 };
  const key = maker === undefined ? '' : JSON.stringify([who.executable, who.unit, who.uid]);
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = { maker: maker && who, counts: {}, events: 0, addedBytes: 0, removedBytes: 0, last: time };
    tallies.set(key, tally);
  }
  const growth = (after?.kind === 'file' ? after.size : 0) - (before?.kind === 'file' ? before.size : 0);
  tally.counts[kind] = (tally.counts[kind] ?? 0) + 1;
  tally.events++;
  if (growth > 0) tally.addedBytes += growth;
  else tally.removedBytes -= growth;
  if (time > tally.last) tally.last = time;
}
