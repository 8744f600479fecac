import type { DatabaseSync } from 'node:sqlite';
import { type RefreshTally, refreshPackages } from './refresh.ts';
import type { PackageDatabase } from './types.ts';

/** Refreshes to the end. */
export function refresh(database: DatabaseSync, source: PackageDatabase): RefreshTally {
  const steps = refreshPackages(database, source);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
