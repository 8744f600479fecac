import type { ByteName } from '../../base/names.ts';
import { isBelow } from '../look/paths.ts';
import { nameOf, type Row, reading } from '../rows.ts';
import { Properties } from '../write/properties.ts';
import type { History } from './history.ts';
import { locate, watchedOf } from './paths.ts';
import type { Failure, Gap } from './types.ts';

/** Everything that could not be listed, looked at or read, and has not been since, the latest first. */
export function failuresOf(history: History): Failure[] {
  const newest = history.newest();
  return (reading(history.database, 'SELECT * FROM failure ORDER BY last DESC, id DESC').all() as Row[]).map((row) => {
    const directory = history.pathAt(Number(row.node), newest);
    const name = nameOf(row.name);
    return {
      path: directory === undefined || name === '.' ? directory : (`${directory === '/' ? '' : directory}/${name}` as ByteName),
      code: String(row.code),
      call: String(row.call),
      first: row.first as bigint,
      last: row.last as bigint,
      count: Number(row.count),
    };
  });
}

/** Intervals in which events may have been missed, the latest first. */
export function gapsOf({ database }: History): Gap[] {
  const query = 'SELECT gap.*, root.path FROM gap LEFT JOIN root ON root.id = gap.root ORDER BY gap.opened DESC, gap.id DESC';
  return (reading(database, query).all() as Row[]).map((row) => ({
    root: row.path === null ? undefined : nameOf(row.path),
    reason: String(row.reason),
    opened: row.opened as bigint,
    closed: (row.closed as bigint | null) ?? undefined,
    found: Number(row.found),
  }));
}

/**
 * The gap that a time (ns) lies in, for a path: what is said of that time is then what was seen before or behind it. `unobserved` is why the catalogue may not know yet of everything that
 * has happened, if it may not: there is a gap then that is written only when it ends. Throws TooEarlyError where rotation has dropped what tells.
 */
export function gapAt(history: History, path: ByteName, time: bigint, unobserved?: string): Gap | undefined {
  const found = gapsOf(history).find(({ root, reason, opened, closed }) => {
    const isHere = root === undefined || isBelow(path, root);
    const isThen = opened <= time && (closed === undefined || time < closed);
    return isHere && isThen && !(reason === 'not watched' && watchedOf(history, locate(history, path), time).length > 0);
  });
  if (found !== undefined || unobserved === undefined) return found;
  const opened = observedUntil(history, path);
  return opened <= time ? { root: undefined, reason: unobserved, opened, closed: undefined, found: 0 } : undefined;
}

/** Until when everything that happened to a path is known to have been observed, in ns: at least until a root that it is in was added. */
export function observedUntil(history: History, path: ByteName): bigint {
  return new Properties(history.database).time('observedUntil') ?? locate(history, path)[0].root.added;
}
