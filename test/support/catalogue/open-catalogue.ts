import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { openForWriting } from '../../../src/catalogue/database.ts';
import { scratchFolder } from '../scratch.ts';

/** A new catalogue in a real file, closed after the test. */
export function newCatalogue(context: TestContext): DatabaseSync {
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  context.after(() => database.close());
  return database;
}
