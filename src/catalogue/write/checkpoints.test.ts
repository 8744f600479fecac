import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { until } from '../../../test/support/until.ts';
import { openForWriting } from '../database.ts';
import { Checkpoints } from './checkpoints.ts';

function opened(context: TestContext): { readonly database: DatabaseSync; readonly checkpoints: Checkpoints } {
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  const checkpoints = new Checkpoints(database);
  context.after(async () => {
    await checkpoints.close();
    database.close();
  });
  return { database, checkpoints };
}

/** Commits a mebibyte. */
function write(database: DatabaseSync): void {
  database.prepare('INSERT INTO property VALUES (lower(hex(randomblob(16))), zeroblob(1048576))').run();
}

function checkpointed(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.checkpointed);
}

test('a long log is brought into the database while its writer goes on', async (context) => {
  const { database, checkpoints } = opened(context);
  for (let commit = 0; commit < 24; commit++) {
    write(database);
    checkpoints.committed();
  }
  await until(() => checkpointed(database) > 0);
});

test('a short log is left to SQLite', async (context) => {
  const { database, checkpoints } = opened(context);
  for (let commit = 0; commit < 100; commit++) {
    database.prepare('INSERT INTO property VALUES (?, 1)').run(String(commit));
    checkpoints.committed();
  }
  await checkpoints.close();
  assert.equal(checkpointed(database), 0);
});
