import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFromText } from '../../../base/names.ts';
import type { DirectoryKey } from '../types.ts';
import { ForeignDirectories } from './foreign-directories.ts';

test('of too many foreign directories those are forgotten that were said first, and names in them are told again', () => {
  const keys = Array.from({ length: 50_010 }, (_, i) => `${i}` as DirectoryKey);
  const directories = new ForeignDirectories();
  directories.learn({ foreign: keys, known: [] });
  const events = keys.map((directory) => ({ directory, name: nameFromText('x'), isOpen: false, pid: 1 }));
  const { events: told } = directories.sift({ events, overflowed: false, lost: [], mountsChanged: false });
  assert.deepEqual(
    told.map(({ directory }) => directory),
    keys.slice(0, 10),
  );
  assert.deepEqual(directories.take(), keys.slice(10));
  assert.deepEqual(directories.take(), []);
  assert.equal(directories.dueInMs, undefined);
});
