import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomBytes, randomUuid } from './random.ts';

test('random UUIDs are of version 4, and differ', () => {
  const uuids = Array.from({ length: 1000 }, randomUuid);
  for (const uuid of uuids) assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(uuids).size, uuids.length);
});

test('as many random bytes are given as are asked for', () => {
  for (const count of [0, 1, 300_000]) assert.equal(randomBytes(count).length, count);
  // None of 256 values is missing in so many: with (255/256)^300000 for each.
  assert.equal(new Set(randomBytes(300_000)).size, 256);
});
