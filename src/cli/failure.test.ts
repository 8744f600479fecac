import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SystemError, UsageError } from '../base/errors.ts';
import { describeError, rebuildError } from '../base/thread-failure.ts';
import { describeFailure } from './failure.ts';

test('a failed system call comes with what to do about it, whoever made it', () => {
  for (const [errno, advice] of [
    ['EIO', /varve verify/],
    ['EROFS', /read-only/],
    ['ENOSPC', /Free some space/],
  ] as const) {
    assert.match(describeFailure(new SystemError(errno, 'read', '/a')).advice ?? '', advice);
    assert.match(describeFailure(Object.assign(new Error(), { code: errno, syscall: 'read' })).advice ?? '', advice);
  }
});

test('a database that finds no space says so, and where it looks for some', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE numbers (number); PRAGMA max_page_count = 2');
  const insert = database.prepare('INSERT INTO numbers VALUES (zeroblob(100000))');
  assert.throws(
    () => insert.run(),
    (error) => {
      const { code, advice } = describeFailure(error);
      assert.deepEqual([code, /TMPDIR/.test(advice ?? '')], ['ENOSPC', true]);
      return true;
    },
  );
});

test('advice that an error brings along goes before the general one', () => {
  assert.equal(describeFailure(new SystemError('EIO', 'write', '/a', { advice: 'Do this.' })).advice, 'Do this.');
});

test('what was used wrongly has status 2, also when a thread or the daemon was the one to say so', () => {
  const error = new UsageError('there is no such token');
  assert.equal(describeFailure(error).status, 2);
  assert.equal(describeFailure(rebuildError(describeError(error))).status, 2);
});
