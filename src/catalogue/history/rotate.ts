import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { digestKey } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { type Row, reading } from '../rows.ts';
import { decodeState } from '../state-codec.ts';
import type { NodeId } from '../types.ts';
import { History } from './history.ts';
import { FORGOTTEN_EVENT, FORGOTTEN_TIME, forgottenOf } from './moments.ts';
import { keepSums } from './summaries.ts';

/** For which versions of files content is kept. The present one always is. */
export interface ContentRule {
  /** Those that were present at some time during the last so many ns. */
  readonly maxAge?: bigint;
  /** So many of each file, the present one included. */
  readonly maxVersions?: number;
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
}

export interface RotationReport {
  readonly droppedEvents: number;
  /** Contents that no version needs any more. Their rows are gone: whoever has the store may let them go. */
  readonly released: readonly Digest[];
}

const BATCH_EVENTS = 5000;
/** Contents that are looked at in one pass over the history: about 100 MB in memory. */
const PASS_CONTENTS = 500_000;
const BATCH_CONTENTS = 1000;

/**
 * Drops what the policy does not keep. Sums are written down first (see keepSums), so that `sizesOf` answers on. Events go from the oldest on, all of them up to one: a moment
 * is known as a whole, or not at all. Commit point: each transaction, of a few thousand rows at most; after each one this yields, and the writer may do its work.
 * To be called on the writer's connection, outside of a transaction. A run that is given up has done a part of it; the next one goes on.
 */
export function* rotate(database: DatabaseSync, policy: RotationPolicy, now: bigint): Generator<void, RotationReport> {
  yield* keepSums(database, now);
  const horizon = horizonOf(database, policy, now);
  const released: Digest[] = [];
  // Before their events go, so that what is given up in between is found the next time.
  yield* releaseContents(database, policy, { horizon, now }, released);
  const droppedEvents = yield* dropEvents(database, horizon);
  return { droppedEvents, released };
}

/** The newest event that is to be dropped; 0 for none. */
function horizonOf(database: DatabaseSync, { maxAge, maxEvents }: RotationPolicy, now: bigint): number {
  const byAge =
    maxAge === undefined
      ? undefined
      : database.prepare('SELECT min(id) - 1 AS id FROM event INDEXED BY event_time WHERE time >= ?').get(now - maxAge);
  const oldEvents = maxAge === undefined ? 0 : Number(byAge?.id ?? newestEvent(database));
  const byCount =
    maxEvents === undefined ? undefined : database.prepare('SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?').get(maxEvents);
  return Math.max(oldEvents, Number(byCount?.id ?? 0));
}

function newestEvent(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(id) AS id FROM event').get()?.id ?? 0);
}

function* dropEvents(database: DatabaseSync, horizon: number): Generator<void, number> {
  const oldest = reading(
    database,
    `SELECT max(id) AS id, max(time) AS time FROM (SELECT id, time FROM event WHERE id <= ? ORDER BY id LIMIT ${BATCH_EVENTS})`,
  );
  const drop = database.prepare('DELETE FROM event WHERE id <= ?');
  const remember = database.prepare('INSERT OR REPLACE INTO property (name, value) VALUES (?, ?)');
  for (let dropped = 0; ; ) {
    const { id, time } = oldest.get(horizon) as Row;
    if (id === null || id === undefined) return dropped;
    const newest = time as bigint;
    const known = forgottenOf(database)?.time ?? 0n;
    dropped += within(database, () => {
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
}

function* releaseContents(database: DatabaseSync, policy: RotationPolicy, bounds: Bounds, released: Digest[]): Generator<void> {
  if (policy.contents === undefined && policy.ruleOf === undefined && bounds.horizon === 0) return;
  const page = database.prepare(`SELECT digest FROM content WHERE digest > ? ORDER BY digest LIMIT ${PASS_CONTENTS}`);
  for (let last: Uint8Array = new Uint8Array(0); ; ) {
    const digests = (page.all(last) as Row[]).map((row) => row.digest as Digest);
    const end = digests.at(-1);
    if (end === undefined) return;
    last = end;
    const candidates = new Map(digests.map((digest) => [digestKey(digest), digest]));
    const seen = newestEvent(database);
    for (const { digest, isNeeded } of pastVersions(database, policy, bounds)) {
      if (digest === undefined) yield;
      else if (isNeeded) candidates.delete(digestKey(digest as Digest));
    }
    yield* release(database, [...candidates.values()], seen, released);
  }
}

/** Takes away those that no node has now, and no event does that came meanwhile. */
function* release(database: DatabaseSync, digests: readonly Digest[], seen: number, released: Digest[]): Generator<void> {
  const isPresent = database.prepare('SELECT 1 FROM node INDEXED BY node_digest WHERE digest = ? LIMIT 1');
  const fresh = database.prepare('SELECT before FROM event WHERE id > ? AND before IS NOT NULL');
  const drop = database.prepare('DELETE FROM content WHERE digest = ?');
  for (let at = 0; at < digests.length; at += BATCH_CONTENTS) {
    within(database, () => {
      const needed = new Set((fresh.all(seen) as Row[]).map((row) => keyOf(decodeState(row.before as Uint8Array).digest)));
      for (const digest of digests.slice(at, at + BATCH_CONTENTS)) {
        if (needed.has(digestKey(digest)) || isPresent.get(digest) !== undefined) continue;
        drop.run(digest);
        released.push(digest);
      }
    });
    yield;
  }
}

interface PastVersion {
  /** Undefined: a pause. */
  readonly digest: Uint8Array | undefined;
  readonly isNeeded: boolean;
}

/** The digests of all versions that ended by an event, and whether the policy keeps their contents; node by node, the newest first. */
function* pastVersions(database: DatabaseSync, policy: RotationPolicy, { horizon, now }: Bounds): Generator<PastVersion> {
  const history = new History(database);
  const page = reading(
    database,
    `SELECT id, time, node, before FROM event INDEXED BY event_node WHERE node > ? ORDER BY node, id DESC LIMIT ${BATCH_EVENTS}`,
  );
  const rest = reading(
    database,
    `SELECT id, time, node, before FROM event INDEXED BY event_node WHERE node = ? AND id < ? ORDER BY id DESC LIMIT ${BATCH_EVENTS}`,
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
        last = history.node(node)?.digest;
        versions = 1;
      }
      const digest = row.before === null ? undefined : decodeState(row.before as Uint8Array).digest;
      if (digest === undefined) continue;
      // Moves and changes of attributes make no other content.
      if (keyOf(last) !== keyOf(digest)) versions++;
      last = digest;
      const isYoung = rule?.maxAge === undefined || (row.time as bigint) >= now - rule.maxAge;
      yield { digest, isNeeded: Number(row.id) > horizon && isYoung && versions <= (rule?.maxVersions ?? Number.POSITIVE_INFINITY) };
    }
    yield pause;
    // Whoever has more events than one page goes on where it ended.
    const more = rest.all(node, Number(rows.at(-1)?.id)) as Row[];
    rows = more.length > 0 ? more : (page.all(node) as Row[]);
  }
}

function ruleFor(history: History, { contents, ruleOf }: RotationPolicy, node: NodeId): ContentRule | undefined {
  if (ruleOf === undefined) return contents;
  const path = history.lastPathOf(node);
  return (path === undefined ? undefined : ruleOf(path)) ?? contents;
}

function keyOf(digest: Uint8Array | undefined): string {
  return digest === undefined ? '' : digestKey(digest as Digest);
}

function within<T>(database: DatabaseSync, change: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
