import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountingFolder, mountMemory, skipWithoutMounts } from '../../test/support/mounts.ts';
import { scratchFolder } from '../../test/support/scratch.ts';
import { openForWriting, withSmallSorts } from './database.ts';

test('an index is made also where temporary files have no space', (context) => {
  if (skipWithoutMounts(context)) return;
  const full = mountingFolder(context);
  mountMemory(full, 65536);
  const before = process.env.SQLITE_TMPDIR;
  process.env.SQLITE_TMPDIR = full;
  context.after(() => {
    if (before === undefined) delete process.env.SQLITE_TMPDIR;
    else process.env.SQLITE_TMPDIR = before;
  });
  const database = openForWriting(join(scratchFolder(context), 'catalogue.db'));
  context.after(() => database.close());
  database.exec(
    'CREATE TABLE number AS WITH RECURSIVE r (n) AS (SELECT random() UNION ALL SELECT random() FROM r LIMIT 300000) SELECT n FROM r',
  );
  let tries = 0;
  withSmallSorts(database, () => {
    tries++;
    database.exec('CREATE INDEX number_n ON number (n)');
  });
  assert.equal(tries, 2, 'the first one had no space');
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
});
