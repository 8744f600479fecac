import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Restarts } from './restarts.ts';

const POLICY = { most: 3, withinMs: 1000, firstDelayMs: 10, firstPauseMs: 50, longestPauseMs: 150 };

describe('restarts', () => {
  it('wait longer each time, and end', () => {
    const restarts = new Restarts(POLICY);
    assert.deepEqual(
      [0, 100, 200, 300].map((now) => restarts.afterDeath(now)),
      [10, 20, 40, undefined],
    );
  });

  it('never end where the cause passes one day', () => {
    const restarts = new Restarts(POLICY);
    assert.deepEqual(
      [0, 60, 170, 330, 490, 1000].map((now) => restarts.afterPassingDeath(now)),
      [50, 100, 150, 150, 150, 50],
    );
    assert.equal(restarts.afterDeath(1001), 10);
  });

  it('forget deaths of long ago', () => {
    const restarts = new Restarts(POLICY);
    assert.deepEqual(
      [0, 600, 1200, 1800, 2400, 9000].map((now) => restarts.afterDeath(now)),
      [10, 20, 20, 20, 20, 10],
    );
  });
});
