import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectoryKey } from '../../sys/watch/types.ts';
import { FreshLooks } from '../scan/fresh-looks.ts';
import type { NodeId } from '../types.ts';
import { UnknownDirectories } from './unknown-directories.ts';

/** None is known at first: `known` says which are. */
function nobodyKnown() {
  const known = new Map<DirectoryKey, NodeId>();
  const looks = new FreshLooks();
  let asked = 0;
  const keys = {
    directoryOf: (key: DirectoryKey) => {
      asked++;
      return known.get(key);
    },
    forgetOutside: () => {},
  };
  return { known, looks, directories: new UnknownDirectories(keys, looks), asked: () => asked };
}

const KEY = 'a' as DirectoryKey;

test('a directory that a listing from before the event has brought is outdated', () => {
  const { known, looks, directories } = nobodyKnown();
  directories.note(KEY, 20);
  looks.noteListing(7, 10);
  known.set(KEY, 7);
  assert.deepEqual(directories.take(), [7]);
  assert.deepEqual(directories.take(), [], 'that is said once');
});

test('so is one that was never listed', () => {
  const { known, directories } = nobodyKnown();
  directories.note(KEY, 20);
  known.set(KEY, 7);
  assert.deepEqual(directories.take(), [7]);
});

test('one that was listed behind its last event is not, nor one that nobody knows', () => {
  const { known, looks, directories } = nobodyKnown();
  directories.note('nobody' as DirectoryKey, 20);
  directories.note(KEY, 20);
  looks.noteListing(7, 30);
  known.set(KEY, 7);
  assert.deepEqual(directories.take(), []);
  directories.note(KEY, 20);
  directories.note(KEY, 40);
  assert.deepEqual(directories.take(), [7], 'an event behind the listing');
});

test('a great many that are listed in the end are told apart from those that are not', () => {
  const { known, looks, directories } = nobodyKnown();
  for (let id = 1; id <= 200_000; id++) {
    const key = String(id) as DirectoryKey;
    directories.note(key, id);
    known.set(key, id);
    looks.noteListing(id, id === 10 ? id - 1 : id + 1);
  }
  assert.deepEqual(directories.take(), [10]);
});

test('when nobody knows a great many, nothing is said of any, once', () => {
  const { directories, asked } = nobodyKnown();
  for (let id = 1; id <= 60_000; id++) directories.note(String(id) as DirectoryKey, id);
  assert.ok(asked() < 150_000, `${asked()} questions`);
  assert.equal(directories.take(), undefined);
  assert.deepEqual(directories.take(), []);
});
