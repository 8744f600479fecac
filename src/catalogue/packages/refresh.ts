import type { DatabaseSync } from 'node:sqlite';
import { PackageWriter } from './package-writer.ts';
import { PACKAGE_MANAGERS, type PackageDatabase } from './types.ts';

export interface RefreshTally {
  /** Packages that are new or have changed. */
  readonly read: number;
  /** Packages that are gone, or have changed. */
  readonly removed: number;
  readonly unchanged: number;
}

/** A step ends behind the package that brings it to so many paths: some 10 ms, in which the writer does nothing else. */
const PATHS_PER_STEP = 4000;

/**
 * Brings the tables of the catalogue in step with a database of packages, reading only the packages that have changed; where the database's
 * own stamp is that of last time, nothing at all. `database` is the writer's, outside of a transaction.
 *
 * Each step is a transaction, so that the writer can do other things in between; a package is committed with all its paths. What is
 * interrupted or fails is completed the next time, since the database's stamp is committed last. Throws what `source` throws.
 */
export function* refreshPackages(database: DatabaseSync, source: PackageDatabase): Generator<void, RefreshTally> {
  const property = `packages.${source.manager}`;
  const stamp = source.stamp() ?? null;
  const before = database.prepare('SELECT value FROM property WHERE name = ?').get(property)?.value ?? null;
  const writer = new PackageWriter(database, PACKAGE_MANAGERS.indexOf(source.manager));
  const known = writer.known();
  if (stamp === before) return { read: 0, removed: 0, unchanged: known.length };

  const stamps = new Map<string, string>();
  for (const { key, stamp } of source.packages()) stamps.set(key, stamp);
  const stale = known.filter((row) => stamps.get(row.key) !== row.stamp);
  if (stale.length > 0) {
    transaction(database, () => writer.remove(stale));
    yield;
  }

  const done = new Set(known.filter((row) => stamps.get(row.key) === row.stamp).map(({ key }) => key));
  const unchanged = done.size;
  const packages = Iterator.from(source.packages());
  for (let more = true; more; ) {
    more = transaction(database, () => {
      for (let paths = 0; paths < PATHS_PER_STEP; ) {
        const { value, done: isOver } = packages.next();
        if (isOver) return false;
        if (done.has(value.key)) continue;
        paths += writer.add(value);
        done.add(value.key);
      }
      return true;
    });
    yield;
  }
  transaction(database, () => {
    if (stale.length > 0) writer.removeUnusedFolders();
    database.prepare('INSERT OR REPLACE INTO property (name, value) VALUES (?, ?)').run(property, stamp);
  });
  return { read: done.size - unchanged, removed: stale.length, unchanged };
}

function transaction<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
