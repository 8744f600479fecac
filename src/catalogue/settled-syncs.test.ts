import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettledSyncs } from './settled-syncs.ts';

/** What has come into limbo, and left it again, the first first. */
class LimboCounts {
  detached = 0;
  left = 0;
  get hasLimbo(): boolean {
    return this.left < this.detached;
  }
  hasLimboUpTo(count: number): boolean {
    return this.left < count;
  }
}

test('a sync is settled when what was in limbo by then is known, although there is always something in limbo', () => {
  const limbo = new LimboCounts();
  const syncs = new SettledSyncs(limbo);
  limbo.detached = 2;
  syncs.settle(1);
  assert.equal(syncs.last, 0);
  [limbo.detached, limbo.left] = [5, 1];
  syncs.settle(2);
  assert.equal(syncs.last, 0);
  [limbo.detached, limbo.left] = [7, 2];
  syncs.settle(3);
  assert.equal(syncs.last, 1);
  limbo.left = 6;
  syncs.settle(4);
  assert.equal(syncs.last, 1);
  [limbo.detached, limbo.left] = [9, 7];
  syncs.settle(5);
  assert.equal(syncs.last, 3);
  limbo.left = 9;
  syncs.settle(6);
  assert.equal(syncs.last, 6);
});
