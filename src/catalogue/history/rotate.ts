import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { digestKey } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { inTransaction } from '../database.ts';
import { skippedOf } from '../numbers.ts';
import { type Row, reading } from '../rows.ts';
import { decodeState } from '../state-codec.ts';
import { EVENT_KINDS, type NodeId } from '../types.ts';
import { dropProcesses } from './drop-processes.ts';
import { EventTimes } from './event-times.ts';
import { History } from './history.ts';
import { type Deletion, LaterContents } from './later-contents.ts';
import { FORGOTTEN_EVENT, FORGOTTEN_TIME, forgottenOf } from './moments.ts';
import { keepSums } from './summaries.ts';

/** For which versions of files content is kept: while either bound keeps it, and without any for ever. The present one always is, and so is the last known of a root that is not watched any more. */
export interface ContentRule {
  /** Those that were present at some time during the last so many ns. */
  readonly age?: bigint;
  /** The newest so many of each file, the present one included; of one that is gone, those of what came to its place count as well. */
  readonly versions?: number;
}

/** How long the past is remembered. What is left out has no bound. */
export interface RotationPolicy {
  /** Events older than so many ns are dropped. */
  readonly maxAge?: bigint;
  /** No more than so many events are kept. */
  readonly maxEvents?: number;
  /** For every file, as far as its events are kept. */
  readonly contents?: ContentRule;
  /** What the owner of a file or folder says instead, by its path: the present one, or its last. */
  readonly ruleOf?: (path: ByteName) => ContentRule | undefined;
  /** No content is let go this time, whatever the rules say; what only forgotten events needed goes the next time. */
  readonly keepsContents?: boolean;
}

export interface RotationReport {
  readonly droppedEvents: number;
  /** How many contents no version needs any more. They went from table `content` to `released`: whoever has the store lets them go (see ReleasedRows). */
  readonly releasedContents: number;
}

const UNWATCHED = EVENT_KINDS.indexOf('unwatched');
const DELETED = EVENT_KINDS.indexOf('deleted');
const VERSION_COLUMNS = 'id, time, node, kind, fromParent, fromName, before';

/** A step is one of these, some milliseconds. */
const BATCH_EVENTS = 500;
const BATCH_CONTENTS = 200;
/** Contents that are looked at in one pass over the history: about 100 MB in memory. */
const PASS_CONTENTS = 500_000;

/**
 * Drops what the policy does not keep. Sums are written down first (see keepSums), so that `sizesOf` answers on. Events go from the oldest on, all of them up to one: a moment
 * is known as a whole, or not at all. Commit point: each transaction, of a few hundred rows at most; after each one this yields, and the writer may do its work.
 * To be called on the writer's connection, outside of a transaction. A run that is given up has done a part of it; the next one goes on.
 */
export function* rotate(database: DatabaseSync, policy: RotationPolicy, now: bigint): Generator<void, RotationReport> {
  yield* keepSums(database, now);
  const times = yield* EventTimes.read(database, now);
  const byAge = policy.maxAge === undefined ? 0 : yield* lastBefore(database, now - policy.maxAge, times);
  const byCount = policy.maxEvents === undefined ? 0 : beyondNewest(database, policy.maxEvents);
  const horizon = Math.max(byAge, byCount, 0);
  // Before their events go, so that what is given up in between is found the next time.
  const releasedContents = yield* releaseContents(database, policy, { horizon, now, times });
  const droppedEvents = yield* dropEvents(database, horizon, now);
  yield* dropProcesses(database, now);
  return { droppedEvents, releasedContents };
}

/** The last of the events from the oldest on that are older than a time; 0 for none. */
function* lastBefore(database: DatabaseSync, time: bigint, times: EventTimes): Generator<void, number> {
  const page = reading(database, `SELECT id, time FROM event WHERE id > ? ORDER BY id LIMIT ${BATCH_EVENTS}`);
  for (let last = 0; ; ) {
    const rows = page.all(last) as Row[];
    const young = rows.findIndex((row) => times.of(Number(row.id), row.time as bigint) >= time);
    if (young >= 0 || rows.length === 0) return Number(rows[young - 1]?.id ?? last);
    last = Number(rows.at(-1)?.id);
    yield;
  }
}

/** The last event behind which there are at least so many: numbers have no holes, but for those that were left out. */
function beyondNewest(database: DatabaseSync, count: number): number {
  let last = newestEvent(database) - count;
  for (const { after, upTo } of skippedOf(database)) if (last < upTo) last -= upTo - after;
  return last;
}

function newestEvent(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(id) AS id FROM event').get()?.id ?? 0);
}

function* dropEvents(database: DatabaseSync, horizon: number, now: bigint): Generator<void, number> {
  const oldest = reading(
    database,
    `SELECT max(id) AS id, max(time) FILTER (WHERE time <= ?) AS time FROM (SELECT id, time FROM event WHERE id <= ? ORDER BY id LIMIT ${BATCH_EVENTS})`,
  );
  const drop = database.prepare('DELETE FROM event WHERE id <= ?');
  const remember = database.prepare('INSERT OR REPLACE INTO property (name, value) VALUES (?, ?)');
  for (let dropped = 0; ; ) {
    // Of a clock that went ahead no time is remembered: nothing up to it could be asked for any more.
    const { id, time } = oldest.get(now, horizon) as Row;
    if (id === null || id === undefined) return dropped;
    const newest = (time as bigint | null) ?? 0n;
    const remembered = forgottenOf(database)?.time ?? 0n;
    const known = remembered <= now ? remembered : 0n;
    dropped += inTransaction(database, () => {
      remember.run(FORGOTTEN_EVENT, id);
      remember.run(FORGOTTEN_TIME, newest > known ? newest : known);
      return Number(drop.run(id).changes);
    });
    yield;
  }
}

interface Bounds {
  readonly horizon: number;
  readonly now: bigint;
  readonly times: EventTimes;
}

/** Returns how many. */
function* releaseContents(database: DatabaseSync, policy: RotationPolicy, bounds: Bounds): Generator<void, number> {
  if (policy.keepsContents) return 0;
  if (policy.contents === undefined && policy.ruleOf === undefined && bounds.horizon === 0) return 0;
  let released = 0;
  for (let last: Uint8Array = new Uint8Array(0); ; ) {
    const candidates = new Map<string, Digest>();
    last = yield* candidatesAfter(database, last, candidates);
    if (candidates.size === 0) return released;
    const seen = newestEvent(database);
    for (const { digest, isNeeded } of pastVersions(database, policy, bounds)) {
      if (digest === undefined) yield;
      else if (isNeeded) candidates.delete(digestKey(digest as Digest));
    }
    released += yield* release(database, candidates.values(), seen);
  }
}

/** Gathers the contents of a pass; returns the last. */
function* candidatesAfter(database: DatabaseSync, after: Uint8Array, into: Map<string, Digest>): Generator<void, Uint8Array> {
  const page = database.prepare(`SELECT digest FROM content WHERE digest > ? ORDER BY digest LIMIT ${BATCH_EVENTS}`);
  for (let last = after; ; ) {
    const digests = (page.all(last) as Row[]).map((row) => row.digest as Digest);
    for (const digest of digests) into.set(digestKey(digest), digest);
    last = digests.at(-1) ?? last;
    if (digests.length < BATCH_EVENTS || into.size >= PASS_CONTENTS) return last;
    yield;
  }
}

/** Takes away those that no node has now, and no event does that came meanwhile. Returns how many. */
function* release(database: DatabaseSync, digests: Iterable<Digest>, seen: number): Generator<void, number> {
  const isPresent = database.prepare('SELECT 1 FROM node INDEXED BY node_digest WHERE digest = ? LIMIT 1');
  const fresh = database.prepare('SELECT id, before FROM event WHERE id > ? AND before IS NOT NULL');
  const drop = database.prepare('DELETE FROM content WHERE digest = ?');
  const note = database.prepare('INSERT OR IGNORE INTO released (digest) VALUES (?)');
  const needed = new Set<string>();
  let newest = seen;
  let released = 0;
  const all = [...digests];
  for (let at = 0; at < all.length; at += BATCH_CONTENTS) {
    inTransaction(database, () => {
      for (const row of fresh.all(newest) as Row[]) {
        newest = Number(row.id);
        needed.add(keyOf(decodeState(row.before as Uint8Array).digest));
      }
      for (const digest of all.slice(at, at + BATCH_CONTENTS)) {
        if (needed.has(digestKey(digest)) || isPresent.get(digest) !== undefined) continue;
        drop.run(digest);
        note.run(digest);
        released++;
      }
    });
    yield;
  }
  return released;
}

interface PastVersion {
  /** Undefined: a pause. */
  readonly digest: Uint8Array | undefined;
  readonly isNeeded: boolean;
}

/** The digests of all versions that ended by an event, and whether the policy keeps their contents; node by node, the newest first. */
function* pastVersions(database: DatabaseSync, policy: RotationPolicy, { horizon, now, times }: Bounds): Generator<PastVersion> {
  const history = new History(database);
  const later = new LaterContents(database);
  const page = reading(
    database,
    `SELECT ${VERSION_COLUMNS} FROM event INDEXED BY event_node WHERE node > ? ORDER BY node, id DESC LIMIT ${BATCH_EVENTS}`,
  );
  const rest = reading(
    database,
    `SELECT ${VERSION_COLUMNS} FROM event INDEXED BY event_node WHERE node = ? AND id < ? ORDER BY id DESC LIMIT ${BATCH_EVENTS}`,
  );
  const pause = { digest: undefined, isNeeded: false };
  let node = 0;
  let rule: ContentRule | undefined;
  let versions = 0;
  let last: Uint8Array | undefined;
  for (let rows = page.all(0) as Row[]; rows.length > 0; ) {
    for (const row of rows) {
      if (Number(row.node) !== node) {
        node = Number(row.node);
        rule = ruleFor(history, policy, node);
        const present = history.node(node);
        last = present?.digest;
        versions = 1;
        if (present === undefined && Number(row.kind) === DELETED) versions = later.count(row as Row & Deletion, rule?.versions ?? 0);
        yield pause;
      }
      const digest = row.before === null ? undefined : decodeState(row.before as Uint8Array).digest;
      if (digest === undefined) continue;
      // Moves and changes of attributes make no other content.
      if (keyOf(last) !== keyOf(digest)) versions++;
      last = digest;
      // What was there when it was watched last counts as the present one.
      const isLastKnown = Number(row.kind) === UNWATCHED;
      if (isLastKnown) versions = 1;
      const id = Number(row.id);
      yield { digest, isNeeded: id > horizon && (isLastKnown || keeps(rule, now - times.of(id, row.time as bigint), versions)) };
    }
    yield pause;
    // Whoever has more events than one page goes on where it ended.
    const more = rest.all(node, Number(rows.at(-1)?.id)) as Row[];
    rows = more.length > 0 ? more : (page.all(node) as Row[]);
  }
}

/** Whether a rule keeps the content of a version that ended so long ago, being one of the newest so many. */
function keeps(rule: ContentRule | undefined, age: bigint, versions: number): boolean {
  if (rule === undefined || (rule.age === undefined && rule.versions === undefined)) return true;
  return (rule.age !== undefined && age <= rule.age) || (rule.versions !== undefined && versions <= rule.versions);
}

function ruleFor(history: History, { contents, ruleOf }: RotationPolicy, node: NodeId): ContentRule | undefined {
  if (ruleOf === undefined) return contents;
  const path = history.lastPathOf(node);
  return (path === undefined ? undefined : ruleOf(path)) ?? contents;
}

function keyOf(digest: Uint8Array | undefined): string {
  return digest === undefined ? '' : digestKey(digest as Digest);
}
