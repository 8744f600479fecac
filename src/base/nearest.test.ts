import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editDistance, nearestNames } from './nearest.ts';

describe('nearest names', () => {
  test('are those with a slip of the fingers, nearest first', () => {
    assert.deepEqual(nearestNames('dcos', ['photos', 'dots', 'docs', 'music']), ['docs']);
    assert.deepEqual(nearestNames('photso', ['photo', 'photos']), ['photo', 'photos']);
  });

  test('begin with what was typed', () => assert.deepEqual(nearestNames('do', ['documents', 'music']), ['documents']));

  test('are none when nothing is near', () => assert.deepEqual(nearestNames('docs', ['photographs']), []));

  test('are measured by insertions, deletions, replacements and swaps', () => {
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('abc', 'abc'), 0);
    assert.equal(editDistance('abcd', 'abdc'), 1);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });
});
