import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectoryKey, Watcher } from '../../sys/watch/types.ts';
import type { NodeRows } from '../write/node-rows.ts';
import { DirectoryKeys } from './directory-keys.ts';
import type { Paths } from './paths.ts';

const KEY = '7' as DirectoryKey;

/** Of a watcher whose keys open nothing; `known` are the nodes that there are. */
function keysOf(known: ReadonlySet<number>): DirectoryKeys {
  const watcher = { kind: 'inotify', marksDirectories: true, keysFollowMoves: true, open: () => undefined };
  return new DirectoryKeys({
    rows: { has: (id: number) => known.has(id) } as unknown as NodeRows,
    paths: {} as Paths,
    watcher: watcher as unknown as Watcher,
    own: [],
  });
}

test('a key that two nodes have borne goes back to the one that is left, which has to be listed again', () => {
  const known = new Set([1, 2]);
  const keys = keysOf(known);
  keys.set(KEY, 1);
  keys.set(KEY, 2);
  assert.deepEqual(keys.settleContested(), [], 'while both are there, nobody knows which it is');
  known.delete(2);
  assert.equal(keys.of(KEY), 'later');
  assert.deepEqual(keys.settleContested(), [1]);
  assert.deepEqual(keys.of(KEY), { directory: 1 });
  assert.deepEqual(keys.settleContested(), []);
});

test('a key whose mark is gone is of nobody', () => {
  const keys = keysOf(new Set([1, 2]));
  keys.set(KEY, 1);
  keys.set(KEY, 2);
  keys.delete(KEY);
  assert.equal(keys.of(KEY), 'later');
  assert.deepEqual(keys.settleContested(), []);
});
