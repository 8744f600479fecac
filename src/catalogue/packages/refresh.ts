import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { PackageWriter } from './package-writer.ts';
import { PACKAGE_MANAGERS, type PackageDatabase } from './types.ts';

export interface RefreshTally {
  /** Packages that are new or have changed. */
  readonly read: number;
  /** Packages that are gone, or have changed. */
  readonly removed: number;
  readonly unchanged: number;
}

/** A step takes so many paths, or looks at so many packages: some milliseconds, in which the writer does nothing else. */
const PATHS_PER_STEP = 250;
const PACKAGES_PER_STEP = 25;

/**
 * Brings the tables of the catalogue in step with a database of packages, reading only the packages that have changed; where the database's
 * own stamp is that of last time, nothing at all. `database` is the writer's, outside of a transaction.
 *
 * Each step is a transaction, so that the writer can do other things in between. What is interrupted or fails is completed the next time, since the
 * stamp of a package is committed behind its last path, and that of the database at the end. Throws what `source` throws.
 */
export function* refreshPackages(database: DatabaseSync, source: PackageDatabase): Generator<void, RefreshTally> {
  const property = `packages.${source.manager}`;
  const stamp = source.stamp() ?? null;
  const before = database.prepare('SELECT value FROM property WHERE name = ?').get(property)?.value ?? null;
  const writer = new PackageWriter(database, PACKAGE_MANAGERS.indexOf(source.manager));
  const known = writer.known();
  if (stamp === before) return { read: 0, removed: 0, unchanged: known.length };

  const stamps = new Map<string, string>();
  for (const { key, stamp } of source.packages()) {
    stamps.set(key, stamp);
    if (stamps.size % PACKAGES_PER_STEP === 0) yield;
  }
  const stale = known.filter((row) => stamps.get(row.key) !== row.stamp);
  const done = new Set(known.filter((row) => stamps.get(row.key) === row.stamp).map(({ key }) => key));
  const unchanged = done.size;
  yield* inTransactions(database, writer.remove(stale), 1);
  yield* inTransactions(database, additions(writer, source, done), PATHS_PER_STEP);
  if (stale.length > 0) yield* inTransactions(database, writer.removeUnusedFolders(), 1);
  inTransaction(database, () => database.prepare('INSERT OR REPLACE INTO property (name, value) VALUES (?, ?)').run(property, stamp));
  return { read: done.size - unchanged, removed: stale.length, unchanged };
}

/** Adds the packages that are not `done`, and notes them there. Yields behind each package and path. */
function* additions(writer: PackageWriter, source: PackageDatabase, done: Set<string>): Generator<void> {
  for (const installed of source.packages()) {
    if (!done.has(installed.key)) yield* writer.add(installed);
    done.add(installed.key);
    yield;
  }
}

/** Does work in transactions of so many of its steps; yields behind each. */
function* inTransactions(database: DatabaseSync, work: Generator<void>, steps: number): Generator<void> {
  for (let isOver = false; !isOver; ) {
    inTransaction(database, () => {
      for (let i = 0; i < steps && !isOver; i++) isOver = work.next().done === true;
    });
    yield;
  }
}
