import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle } from './throttle.ts';

test('without a rate nobody waits', () => {
  assert.equal(new Throttle().spend(1e12), 0);
});

test('what was read is waited for by the time it should have taken, whoever read before', () => {
  const one = new Throttle();
  const other = new Throttle(one.memory);
  one.bytesPerSecond = 1000;
  assert.ok(Math.abs(one.spend(1000) - 1000) < 50);
  assert.ok(Math.abs(other.spend(500) - 1500) < 50);
});

test('little is waited for later, together', () => {
  const throttle = new Throttle();
  throttle.bytesPerSecond = 1_000_000;
  assert.equal(throttle.spend(5000), 0);
  assert.ok(throttle.spend(9000) > 10);
});

test('a rate that is lifted holds nobody any more', () => {
  const throttle = new Throttle();
  throttle.bytesPerSecond = 1;
  throttle.bytesPerSecond = undefined;
  assert.equal(throttle.spend(1e9), 0);
});
