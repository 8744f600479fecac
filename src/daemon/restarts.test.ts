import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Restarts } from './restarts.ts';

const POLICY = { most: 3, withinMs: 1000, firstDelayMs: 10 };

describe('restarts', () => {
  it('wait longer each time, and end', () => {
    const restarts = new Restarts(POLICY);
    assert.deepEqual(
      [0, 100, 200, 300].map((now) => restarts.afterDeath(now)),
      [10, 20, 40, undefined],
    );
  });

  it('forget deaths of long ago', () => {
    const restarts = new Restarts(POLICY);
    assert.deepEqual(
      [0, 600, 1200, 1800, 2400, 9000].map((now) => restarts.afterDeath(now)),
      [10, 20, 20, 20, 20, 10],
    );
  });
});
