import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { atOneMoment } from '../database.ts';
import type { Row } from '../rows.ts';
import { EVENT_KINDS, type EventKind, ORIGINS, type Origin } from '../types.ts';
import { EventRow, eventQuery } from './event-rows.ts';
import type { History } from './history.ts';
import { Subtree } from './subtree.ts';
import type { Maker, PastEvent } from './types.ts';

/** Which events are asked for; everything given must hold. */
export interface EventFilter {
  /** Only of this path and what is below it (see Subtree). */
  readonly path?: ByteName;
  /** At or after this time, in ns. */
  readonly since?: bigint;
  /** Before this time. */
  readonly until?: bigint;
  readonly kinds?: readonly EventKind[];
  readonly origins?: readonly Origin[];
  /** Of a program: its path, the last name of that, its unit, or its number. */
  readonly process?: string;
  /** Made by this user. */
  readonly user?: number;
  /** Of a file that belongs to this user (of a deletion, belonged). */
  readonly owner?: number;
  /** Also what only went with a directory that was deleted. What had `path` itself is told in any case. */
  readonly all?: boolean;
}

/** Rows are read so many at a time, so that no reading transaction stays open while somebody writes to a slow terminal. */
const PAGE_EVENTS = 2000;

/** Events that were read together. */
interface Page<T> {
  readonly events: T[];
  readonly seen: number;
}

/** Events in the order in which they were noticed, or from the newest back. */
export class EventReader {
  readonly #history: History;
  readonly #filter: EventFilter;
  readonly #subtree: Subtree | undefined;
  readonly #forward: StatementSync;
  readonly #backward: StatementSync;

  constructor(history: History, filter: EventFilter) {
    this.#history = history;
    this.#filter = filter;
    const { path } = filter;
    this.#subtree = path === undefined ? undefined : atOneMoment(history.database, () => new Subtree(history, path));
    const where = `${conditionsOf(filter)} ORDER BY event.id`;
    this.#forward = eventQuery(history.database, `WHERE event.id > ? ${where} LIMIT ${PAGE_EVENTS}`, 'NOT INDEXED');
    this.#backward = eventQuery(history.database, `WHERE event.id < ? ${where} DESC LIMIT ${PAGE_EVENTS}`, 'NOT INDEXED');
  }

  /** Those behind an event, oldest first, in pages. `seen` is the newest event that was looked at, for going on from there. */
  *after(event: number): Generator<Page<PastEvent>> {
    yield* this.each(event, (row) => this.#resolve(row));
  }

  /** The same, each event as `make` makes it of its row, at the moment of its page; undefined leaves it out. Paths cost most of what an event does. Filters by owner are not looked at. */
  *each<T>(event: number, make: (row: EventRow) => T | undefined): Generator<Page<T>> {
    for (let seen = Math.max(event, firstSince(this.#history.database, this.#filter.since) - 1); ; ) {
      const page = this.#page(this.#forward, seen, make);
      if (page.rows === 0) return;
      seen = page.last;
      yield { events: page.events, seen };
      if (page.rows < PAGE_EVENTS) return;
    }
  }

  /** From the newest back, in pages. */
  *newestFirst(): Generator<PastEvent[]> {
    const end = firstSince(this.#history.database, this.#filter.since);
    for (let before = Number.MAX_SAFE_INTEGER; before > end; ) {
      const page = this.#page(this.#backward, before, (row) => this.#resolve(row));
      yield page.events.filter(({ id }) => id >= end);
      if (page.rows < PAGE_EVENTS) return;
      before = page.last;
    }
  }

  /** The newest so many, oldest first. */
  newest(count: number): PastEvent[] {
    const found: PastEvent[] = [];
    for (const events of this.newestFirst()) {
      found.push(...events);
      if (found.length >= count) break;
    }
    return found.slice(0, count).reverse();
  }

  #page<T>(
    statement: StatementSync,
    from: number,
    make: (row: EventRow) => T | undefined,
  ): { readonly rows: number; readonly last: number; readonly events: T[] } {
    return atOneMoment(this.#history.database, () => {
      const rows = (statement.all(from) as Row[]).map((row) => new EventRow(row));
      const events = rows.map((row) => (this.#isWanted(row) ? make(row) : undefined)).filter((event) => event !== undefined);
      return { rows: rows.length, last: rows.at(-1)?.id ?? from, events };
    });
  }

  /** Undefined for those of another owner than is asked for. */
  #resolve(row: EventRow): PastEvent | undefined {
    const event = row.resolve(this.#history);
    return this.#hasOwner(event) ? event : undefined;
  }

  #isWanted(event: EventRow): boolean {
    const { process, user, all } = this.#filter;
    if (all !== true && event.within !== undefined && this.#subtree?.isHolder(event.node) !== true) return false;
    const { maker } = event;
    if (user !== undefined && maker?.uid !== user) return false;
    if (process !== undefined && (maker === undefined || !isProcess(maker, process))) return false;
    return this.#subtree?.has(this.#history, event) ?? true;
  }

  #hasOwner({ before, after }: PastEvent): boolean {
    const { owner } = this.#filter;
    return owner === undefined || before?.uid === owner || after?.uid === owner;
  }
}

/** The first event at or after a time, or the one that will be next. */
export function firstSince(database: DatabaseSync, since: bigint | undefined): number {
  if (since === undefined) return 0;
  const found = database.prepare('SELECT id FROM event INDEXED BY event_time WHERE time >= ? ORDER BY time, id LIMIT 1').get(since);
  return Number(found?.id ?? Number.MAX_SAFE_INTEGER);
}

/** What the rows alone can tell. Nothing of it comes from outside but numbers. */
function conditionsOf({ path, since, until, kinds, origins, all }: EventFilter): string {
  const conditions = [
    since === undefined ? '' : `event.time >= ${since}`,
    until === undefined ? '' : `event.time < ${until}`,
    kinds === undefined ? '' : `event.kind IN (${kinds.map((kind) => EVENT_KINDS.indexOf(kind))})`,
    origins === undefined ? '' : `event.origin IN (${origins.map((origin) => ORIGINS.indexOf(origin))})`,
    all === true || path !== undefined ? '' : 'event.within IS NULL',
  ];
  return conditions
    .filter((condition) => condition !== '')
    .map((condition) => `AND ${condition}`)
    .join(' ');
}

function isProcess({ pid, executable, unit }: Maker, wanted: string): boolean {
  const name = executable?.slice(executable.lastIndexOf('/') + 1);
  return executable === wanted || name === wanted || unit === wanted || String(pid) === wanted;
}
