import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { openForWriting } from '../database.ts';
import { type RefreshTally, refreshPackages } from './refresh.ts';
import type { PackageDatabase } from './types.ts';

/** A new catalogue, closed after the test. */
export function newCatalogue(context: TestContext): DatabaseSync {
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  context.after(() => database.close());
  return database;
}

/** Refreshes to the end. */
export function refresh(database: DatabaseSync, source: PackageDatabase): RefreshTally {
  const steps = refreshPackages(database, source);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
