import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailedReads } from './failed-reads.ts';

test('files that could not be read are tried again after pauses that double, each once', () => {
  const failed = new FailedReads(100);
  assert.equal(failed.dueInMs(0), undefined);
  failed.note(1, 0);
  failed.note(2, 50);
  assert.equal(failed.dueInMs(0), 100);
  assert.deepEqual(failed.takeDue(99), []);
  assert.deepEqual(failed.takeDue(100), [1]);
  assert.deepEqual(failed.takeDue(100), [], 'it is being tried');
  assert.equal(failed.dueInMs(100), 50);
  failed.note(1, 100);
  assert.deepEqual(failed.takeDue(250), [2]);
  assert.deepEqual(failed.takeDue(300), [1]);
  failed.delete(1);
  failed.note(1, 300);
  assert.deepEqual(failed.takeDue(400), [1], 'it was read in between');
});

test('of more than are remembered the oldest is forgotten, which is said', () => {
  const failed = new FailedReads(100);
  const noted = Array.from({ length: 50_001 }, (_, id) => failed.note(id, id));
  assert.deepEqual([noted.indexOf(false), noted.length], [50_000, 50_001]);
  assert.equal(failed.takeDue(1_000_000).includes(0), false);
});
