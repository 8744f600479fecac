import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeMeant } from './moment.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const MOST = 2n ** 63n;

describe('times as people write them', () => {
  it('are none when a month or an offset is impossible', async () => {
    for (const text of ['2026-13-01', '2026-02-30', '2026-03-01T25:00', '2026-03-01T10:00+25:00'])
      assert.equal(await timeMeant(text, NOW), undefined, text);
  });

  it('fit 64 bits of nanoseconds, however far they are', async () => {
    for (const text of ['0001-01-01', '1500', '600y', '9999-12-31', '9999999999999999999', 'in 1000 years']) {
      const meant = await timeMeant(text, NOW);
      assert.ok(meant !== undefined, text);
      assert.ok(meant.start.epochNanoseconds > -MOST && meant.end.epochNanoseconds < MOST, text);
    }
  });
});
