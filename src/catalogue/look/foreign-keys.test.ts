import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectoryKey } from '../../sys/watch/types.ts';
import { ForeignKeys } from './foreign-keys.ts';

const key = (text: string) => text as DirectoryKey;

test('the watching thread is told once which directories are outside, and which of those are known by now', () => {
  const known = new Map<DirectoryKey, number>();
  const said: unknown[] = [];
  const keys = new ForeignKeys(
    { directoryOf: (each) => known.get(each), isOutside: (each) => each !== key('gone') && !known.has(each) },
    (...each) => said.push(each),
  );
  for (const each of ['a', 'gone', 'a', 'b']) keys.note(key(each));
  assert.deepEqual(keys.settle([]), []);
  assert.deepEqual(said.splice(0), [[['a', 'b'], []]]);
  // Told by its key alone, a directory is noted as well.
  keys.note(key('a'));
  assert.deepEqual(keys.settle([key('a')]), []);
  assert.deepEqual(said, []);
  known.set(key('a'), 7);
  assert.deepEqual(keys.settle([key('a'), key('b')]), [7]);
  assert.deepEqual(said, [[[], ['a']]]);
});
