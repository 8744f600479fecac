import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { allocateClaims, Claims, forgetClaims } from './claims.ts';

/** As many as do not fit into the first of the tables. */
const COUNT = 20_000;

test('claims that are forgotten can be made again, by whoever has a view of the memory', () => {
  const memory = allocateClaims();
  const [one, other] = [new Claims(memory), new Claims(memory)];
  const hashes = randomBytes(COUNT * 32);
  const claimAll = (claims: Claims) => Array.from({ length: COUNT }, (_, i) => claims.claim(hashes, i * 32)).filter(Boolean).length;
  assert.deepEqual([claimAll(one), claimAll(other)], [COUNT, 0]);
  forgetClaims(memory);
  assert.equal(one.has(hashes, 0), false);
  assert.deepEqual([claimAll(other), claimAll(one)], [COUNT, 0]);
});
