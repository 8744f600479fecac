import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import { decodeState } from '../state-codec.ts';
import { EVENT_KINDS, type EventKind, NO_DIRECTORY, type NodeId, type NodeState } from '../types.ts';
import { type Filters, termsOfFilters } from './filters.ts';
import { nameOfBlob } from './fold.ts';
import { PastPlaces } from './past-places.ts';
import { pathBelow } from './places.ts';
import type { SearchQuestion } from './search.ts';
import { readTerm, Subject } from './term.ts';

/** Something that is no longer where it was. */
export interface Gone {
  readonly node: NodeId;
  /** Where it was, as that was called then. */
  readonly path: ByteName;
  readonly how: Extract<EventKind, 'deleted' | 'moved'>;
  /** When that was noticed, in nanoseconds since 1970. */
  readonly time: bigint;
  readonly state: NodeState;
}

/**
 * Places that nodes have left and that are as asked, newest first. Looks at all events that left a place, since names of the past have no index: 0.7 s for 200 000
 * (docs/search.md). Fuzzy patterns are read as texts.
 */
export function* searchGone(database: DatabaseSync, question: SearchQuestion): Generator<Gone> {
  const pattern = question.pattern === 'fuzzy' || question.pattern === undefined ? 'text' : question.pattern;
  const terms = [
    ...question.words.map((word) => readTerm(pattern, word, question.caseRule ?? 'smart', question.wholePaths ?? false)),
    ...termsOfFilters(question),
  ];
  const onName = terms.filter(({ on }) => on === 'name');
  const onPath = terms.filter(({ on }) => on === 'path');
  const places = new PastPlaces(database);
  const details = database.prepare('SELECT time, kind, before FROM event WHERE id = ?');
  details.setReadBigInts(true);
  const left = database.prepare('SELECT id, node, fromParent, fromName FROM event WHERE fromParent IS NOT NULL ORDER BY id DESC');
  for (const row of left.iterate()) {
    const name = nameOfBlob(row.fromName);
    const subject = new Subject(name);
    if (!onName.every((term) => term.test(subject))) continue;
    const parent = row.fromParent as NodeId;
    const folder = parent === NO_DIRECTORY ? undefined : places.pathOf(parent, row.id as number);
    if (parent !== NO_DIRECTORY && folder === undefined) continue;
    const path = folder === undefined ? name : joined(folder, name);
    const whole = new Subject(path);
    if (!onPath.every((term) => term.test(whole))) continue;
    const event = details.get(row.id as number) as { time: bigint; kind: bigint; before: Uint8Array | null };
    const how = EVENT_KINDS[Number(event.kind)];
    if (event.before === null || (how !== 'deleted' && how !== 'moved')) continue;
    const state = decodeState(event.before);
    if (fits(state, path, question)) yield { node: row.node as NodeId, path, how, time: event.time, state };
  }
}

function fits(state: NodeState, path: ByteName, filters: Filters): boolean {
  const { kinds, minBytes = 0, maxBytes = Number.POSITIVE_INFINITY, uids, digest, below, accepts } = filters;
  const isSized = filters.minBytes !== undefined || filters.maxBytes !== undefined;
  return (
    (kinds === undefined || kinds.includes(state.kind)) &&
    (!isSized || (state.kind === 'file' && state.size >= minBytes && state.size <= maxBytes)) &&
    within(state.mtime, filters.modifiedSinceMs, filters.modifiedBeforeMs) &&
    within(state.ctime, filters.changedSinceMs, filters.changedBeforeMs) &&
    (uids === undefined || uids.includes(state.uid)) &&
    (digest === undefined || (state.digest !== undefined && Buffer.compare(state.digest, digest) === 0)) &&
    (below === undefined || Boolean(pathBelow(below, path))) &&
    (accepts === undefined || accepts(path))
  );
}

function within(time: bigint, sinceMs: number | undefined, beforeMs: number | undefined): boolean {
  const ms = Number(time) / 1e6;
  return (sinceMs === undefined || ms >= sinceMs) && (beforeMs === undefined || ms < beforeMs);
}
