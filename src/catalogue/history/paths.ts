import type { StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { IS_WATCHED, nameOf, type Row, reading } from '../rows.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { NotListedError, NotWatchedError, NotWatchedThenError, TooEarlyError } from './errors.ts';
import { endsBy, type History } from './history.ts';
import { forgottenOf, momentOf } from './moments.ts';
import type { Moment, PastNode } from './types.ts';

/** A directory that is or was watched. */
export interface Root {
  readonly id: number;
  readonly node: NodeId;
  readonly path: ByteName;
  /** Since when it is watched, in ns; also when it was not for a while. */
  readonly added: bigint;
  readonly isWatched: boolean;
}

/** A path in a root: names from its top. */
export interface RootedPath {
  readonly root: Root;
  readonly names: readonly ByteName[];
}

export function rootsOf({ database }: History): Root[] {
  return (reading(database, `SELECT id, node, path, added, ${IS_WATCHED} AS isWatched FROM root ORDER BY path`).all() as Row[]).map(
    (row) => ({
      id: Number(row.id),
      node: Number(row.node),
      path: nameOf(row.path),
      added: row.added as bigint,
      isWatched: row.isWatched === 1n,
    }),
  );
}

/** The roots that an absolute path without `.`, `..` and doubled slashes is or was in, the innermost first. Throws NotWatchedError when there is none. */
export function locate(history: History, path: ByteName): [RootedPath, ...RootedPath[]] {
  const roots = rootsOf(history);
  const found = roots.flatMap((root) => {
    const names = namesBelow(root.path, path);
    return names === undefined ? [] : [{ root, names }];
  });
  const [first, ...others] = found.sort((a, b) => b.root.path.length - a.root.path.length);
  if (first === undefined) throw notWatched(path, roots);
  return [first, ...others];
}

function notWatched(path: ByteName, roots: readonly Root[]): NotWatchedError {
  return new NotWatchedError(
    path,
    roots.filter(({ isWatched }) => isWatched).map((root) => root.path),
  );
}

/** The node that has a path now. Throws NotWatchedError also where the path was in a root once, and NotListedError for what never could be known. */
export function resolvePath(history: History, path: ByteName): CatalogueNode | undefined {
  const watched = locate(history, path).filter(({ root }) => root.isWatched);
  if (watched.length === 0) throw notWatched(path, rootsOf(history));
  for (const { root, names } of watched) {
    let node = history.child({ parent: NO_DIRECTORY, name: root.path });
    for (const name of names) node = node && history.child({ parent: node.id, name });
    if (node !== undefined) return node;
  }
  refuseUnlisted(history, path, watched);
  return undefined;
}

/** The node that had a path at a time (ns), with its state then. Throws NotWatchedError, and TooEarlyError, NotWatchedThenError and NotListedError for what is not known. */
export function nodeAt(history: History, path: ByteName, time: bigint): PastNode | undefined {
  const watched = watchedAt(history, path, time);
  const moment = momentOf(history.database, time);
  for (const rooted of watched) {
    const node = nodeAtMoment(history, rooted, moment);
    if (node !== undefined) return node;
  }
  refuseUnlisted(history, path, watched);
  return undefined;
}

/** Throws NotListedError for a path that nothing has had as far as is known, in a directory that nobody has looked into. */
function refuseUnlisted(history: History, path: ByteName, places: readonly RootedPath[]): void {
  for (const { root, names } of places) {
    let above = history.child({ parent: NO_DIRECTORY, name: root.path });
    for (const name of names) {
      const child = above && history.child({ parent: above.id, name });
      if (child === undefined) break;
      above = child;
    }
    const folder = above?.kind === 'directory' && history.isUnlisted(above.id) ? history.pathAt(above.id, history.newest()) : undefined;
    if (folder !== undefined && holdersOf(history, path).length === 0) throw new NotListedError(path, folder);
  }
}

/** The roots that a path is in, of those that were watched at a time (ns): one at the least. Throws NotWatchedError, and TooEarlyError and NotWatchedThenError for what is not known. */
export function watchedAt(history: History, path: ByteName, time: bigint): RootedPath[] {
  const roots = locate(history, path);
  if (roots.every(({ root }) => root.added > time))
    throw new TooEarlyError(`${roots[0].root.path} is watched only since`, roots[0].root.added);
  const watched = watchedOf(history, roots, time);
  if (watched.length === 0) throw notWatchedThen(history, path, roots, time);
  return watched;
}

/** From when the last of the roots of a path was taken out of the watch, until the first of them was watched again. */
function notWatchedThen({ database }: History, path: ByteName, roots: readonly RootedPath[], time: bigint): NotWatchedThenError {
  const gap = reading(
    database,
    "SELECT opened, closed FROM gap WHERE root = :root AND reason = 'not watched' AND opened <= :time AND (closed IS NULL OR closed > :time)",
  );
  let since: bigint | undefined;
  let until: bigint | undefined;
  const mayEnd = (end: bigint) => {
    if (until === undefined || end < until) until = end;
  };
  for (const { root } of roots) {
    const { opened, closed } = (gap.get({ root: root.id, time }) ?? {}) as { opened?: bigint; closed?: bigint | null };
    if (opened !== undefined && (since === undefined || opened > since)) since = opened;
    if (typeof closed === 'bigint') mayEnd(closed);
    if (root.added > time) mayEnd(root.added);
  }
  return new NotWatchedThenError(path, since, until);
}

/** Those of the roots of a path (`locate`) that were watched at a time (ns). One that is taken out of the watch may have others in it, or be in another, that are. Throws TooEarlyError where rotation has dropped what tells. */
export function watchedOf(history: History, roots: readonly RootedPath[], time: bigint): RootedPath[] {
  const moment = momentOf(history.database, time);
  return roots.filter(
    ({ root }) => root.added <= time && history.holderAt({ parent: NO_DIRECTORY, name: root.path }, moment) !== undefined,
  );
}

export function nodeAtMoment(history: History, { root, names }: RootedPath, moment: Moment): PastNode | undefined {
  let node = history.childAt({ parent: NO_DIRECTORY, name: root.path }, moment);
  for (const name of names) node = node && history.childAt({ parent: node.id, name }, moment);
  return node;
}

/** When what is known of a root begins. */
export interface Beginning {
  /** In ns. */
  readonly time: bigint;
  readonly moment: Moment;
}

/** Since when something is known in a root: since it was watched first, or since what rotation has left. What its first scan has found was there then, and came by no event. */
export function beginningOf({ database }: History, root: Pick<Root, 'added'> | undefined): Beginning {
  const forgotten = forgottenOf(database);
  const added = root?.added ?? 0n;
  if (forgotten !== undefined && forgotten.time >= added) return { time: forgotten.time, moment: forgotten.event };
  // The roots that it has taken over came to it at that very time.
  return { time: added, moment: momentOf(database, added - 1n) };
}

/** A node that had a path for a while: in all moments from `since` on, and before `until`. */
export interface Holder {
  readonly node: NodeId;
  readonly since: Moment;
  readonly until: Moment;
}

interface Stay extends Holder {
  /** Whether it ended by the end of the node, of which everything below has an event of its own. */
  readonly deleted: boolean;
}

/** Every node that had a path at any time, through moves, deletions and new creations of the directories above it; newest first. */
export function holdersOf(history: History, path: ByteName): Holder[] {
  const { database } = history;
  const departures = reading(
    database,
    'SELECT id, node, kind FROM event INDEXED BY event_from WHERE fromParent = ? AND fromName = ? AND id > ? ORDER BY id DESC',
  );
  const arrival = reading(
    database,
    'SELECT max(id) AS id FROM event INDEXED BY event_arrival WHERE node = ? AND toParent IS NOT NULL AND id < ?',
  );
  const found: Stay[] = [];
  for (const { root, names } of locate(history, path)) {
    const known: Stay = { node: NO_DIRECTORY, since: beginningOf(history, root).moment, until: Number.POSITIVE_INFINITY, deleted: false };
    let stays: Stay[] = [known];
    for (const name of [root.path, ...names]) {
      stays = stays.flatMap((above) => staysAt(history, { parent: above.node, name }, above, { departures, arrival }));
    }
    found.push(...stays);
  }
  return found.sort((a, b) => b.until - a.until || b.since - a.since);
}

function staysAt(
  history: History,
  place: Place,
  above: Stay,
  { departures, arrival }: Record<'departures' | 'arrival', StatementSync>,
): Stay[] {
  const stays: Stay[] = [];
  const add = (node: NodeId, until: Moment, deleted: boolean): void => {
    const since = Number((arrival.get(node, Math.min(until, Number.MAX_SAFE_INTEGER)) as Row).id ?? 0);
    if (since >= above.until || until <= above.since) return;
    // What was in a directory that was deleted left it by an event behind that of the directory.
    const endsAbove = until > above.until && !above.deleted;
    stays.push({
      node,
      since: Math.max(since, above.since),
      until: endsAbove ? above.until : until,
      deleted: endsAbove ? false : deleted,
    });
  };
  const now = history.child(place);
  if (now !== undefined) add(now.id, Number.POSITIVE_INFINITY, false);
  // Also of a place that is taken again: the end of what was replaced is told behind that.
  for (const { id } of history.leaving(place.parent, place.name)) add(id, Number.POSITIVE_INFINITY, false);
  for (const row of departures.all(place.parent, nameToBytes(place.name), above.since) as Row[])
    add(Number(row.node), Number(row.id), endsBy(row));
  return stays;
}

function namesBelow(root: ByteName, path: ByteName): ByteName[] | undefined {
  const prefix = root === '/' ? root : `${root}/`;
  if (path === root) return [];
  return path.startsWith(prefix) ? (path.slice(prefix.length).split('/') as ByteName[]) : undefined;
}
