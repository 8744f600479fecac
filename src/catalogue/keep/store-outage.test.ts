import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VarveError } from '../../base/errors.ts';
import { StoreOutage } from './store-outage.ts';

const FULL = new VarveError('ENOSPC', 'no space left', { advice: 'Free some space.' });

test('an outage lasts from the first failure until something is durable, with pauses that grow', () => {
  const outage = new StoreOutage(1000);
  assert.equal(outage.leftMs(0), 0);
  outage.fail(FULL);
  assert.ok(outage.hasFailed);
  outage.pause(0);
  assert.ok(!outage.hasFailed);
  assert.deepEqual([outage.leftMs(0), outage.leftMs(400), outage.leftMs(1000)], [1000, 600, 0]);
  assert.equal(outage.failure?.message, 'no space left', 'it lasts while it is tried again');
  for (let times = 0; times < 20; times++) outage.pause(0);
  assert.equal(outage.leftMs(0), 300_000);
  outage.end(0);
  assert.deepEqual([outage.failure, outage.leftMs(0)], [undefined, 0]);
});

test('pauses grow on where an outage comes back soon, and begin anew where it does not', () => {
  const outage = new StoreOutage(1000);
  const failAt = (nowMs: number) => {
    outage.fail(FULL);
    outage.pause(nowMs);
    return outage.leftMs(nowMs);
  };
  assert.equal(failAt(0), 1000);
  outage.end(1000);
  assert.equal(failAt(2000), 2000);
  assert.equal(failAt(1_000_000), 4000, 'it was never over');
  outage.end(1_010_000);
  assert.equal(failAt(2_000_000), 1000);
});

test('a bug is no outage', () => {
  const outage = new StoreOutage();
  assert.throws(() => outage.fail(new TypeError('a bug')), /a bug/);
  assert.equal(outage.failure, undefined);
});
