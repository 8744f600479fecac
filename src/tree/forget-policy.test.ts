import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ForgetPolicy, planForget } from './forget-policy.ts';
import type { Revision } from './types.ts';

const ZONE = 'Europe/Berlin';

function revision(time: string, more: Partial<Revision> = {}): Revision {
  return { time, tree: 'blake3:00', files: 1, bytes: 1, host: 'h', user: 'u', ...more };
}

function kept(times: readonly string[], policy: ForgetPolicy): string[] {
  return planForget(
    times.map((time) => revision(time)),
    policy,
    ZONE,
  ).keep.map(({ revision }) => revision.time);
}

describe('forget', () => {
  it('keeps the newest revision of each day, by the days of the time zone', () => {
    const times = ['2026-03-01T10:00:00Z', '2026-03-01T22:30:00Z', '2026-03-01T23:30:00Z', '2026-03-02T12:00:00Z'];
    assert.deepEqual(kept(times, { daily: 2 }), ['2026-03-01T22:30:00Z', '2026-03-02T12:00:00Z']);
  });

  it('tells the two hours apart that a clock shows alike when summer ends', () => {
    const times = ['2026-10-24T23:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'];
    assert.deepEqual(kept(times, { hourly: 3 }), times);
  });

  it('counts only periods in which there are revisions', () => {
    const times = ['2020-06-01T00:00:00Z', '2023-06-01T00:00:00Z', '2026-06-01T00:00:00Z'];
    assert.deepEqual(kept(times, { yearly: 3 }), times);
    assert.deepEqual(kept(times, { monthly: 2 }), times.slice(1));
  });

  it('takes weeks from ISO 8601, which do not end with the year', () => {
    const times = ['2025-12-29T12:00:00Z', '2026-01-04T12:00:00Z', '2026-01-05T12:00:00Z'];
    assert.deepEqual(kept(times, { weekly: 2 }), times.slice(1));
  });

  it('keeps what is at most so much older than the newest revision, however long ago that was', () => {
    const times = ['2001-01-01T00:00:00Z', '2001-01-30T00:00:00Z', '2001-02-01T00:00:00Z'];
    assert.deepEqual(kept(times, { within: Temporal.Duration.from({ days: 7 }) }), times.slice(1));
  });

  it('always keeps pinned revisions, and tagged ones when asked', () => {
    const revisions = [
      revision('2026-01-01T00:00:00Z', { pinned: true }),
      revision('2026-01-02T00:00:00Z', { tags: ['a', 'b'] }),
      revision('2026-01-03T00:00:00Z', { tags: ['c'] }),
    ];
    const { keep, drop } = planForget(revisions, { tags: ['b'] }, ZONE);
    assert.deepEqual(
      keep.map(({ reasons }) => reasons),
      [['pinned'], ['tag b']],
    );
    assert.deepEqual(drop, [revisions[2]]);
  });

  it('divides: each revision is kept for a reason or dropped, and more generous rules never keep less', () => {
    const times = fc
      .array(fc.integer({ min: 0, max: 4_000_000_000 }), { maxLength: 40 })
      .map((seconds) => seconds.sort((a, b) => a - b).map((second) => revision(new Date(second * 1000).toISOString())));
    const rule = fc.option(fc.integer({ min: 0, max: 10 }), { nil: 0 });
    const policy = fc.record({ last: rule, hourly: rule, daily: rule, weekly: rule, monthly: rule, yearly: rule });
    fc.assert(
      fc.property(times, policy, fc.constantFrom('last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'), (revisions, less, field) => {
        const before = planForget(revisions, less, ZONE);
        assert.deepEqual(new Set([...before.keep.map(({ revision }) => revision), ...before.drop]), new Set(revisions));
        assert.equal(before.keep.length + before.drop.length, revisions.length);
        const after = planForget(revisions, { ...less, [field]: less[field as keyof typeof less] + 1 }, ZONE);
        const still = new Set(after.keep.map(({ revision }) => revision));
        assert.ok(before.keep.every(({ revision }) => still.has(revision)));
      }),
    );
  });
});
