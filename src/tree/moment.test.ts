import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeMeant } from './moment.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const MOST = 2n ** 63n;

describe('times as people write them', () => {
  it('fit 64 bits of nanoseconds, however far they are', async () => {
    for (const text of ['0001-01-01', '1500', '600y', '9999-12-31', '9999999999999999999', 'in 1000 years']) {
      const meant = await timeMeant(text, NOW);
      assert.ok(meant !== undefined, text);
      assert.ok(meant.start.epochNanoseconds > -MOST && meant.end.epochNanoseconds < MOST, text);
    }
  });
});
