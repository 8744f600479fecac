import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSpan } from '../tree/span.ts';
import { readMoment } from './spans.ts';

describe('spans of time', () => {
  it('are read from short forms and from ISO 8601', () => {
    assert.equal(readSpan('30d').days, 30);
    assert.equal(readSpan('1y6mo').toString(), 'P1Y6M');
    assert.equal(readSpan('2h30min').total('minutes'), 150);
    assert.equal(readSpan('P2W').weeks, 2);
  });

  it('are refused when they are none', () => {
    for (const text of ['', '5', 'd', '3 days', '7m', '-1d x']) assert.throws(() => readSpan(text), RangeError, text);
  });

  it('count back from now where a moment is wanted', () => {
    const before = Date.now() - 3_600_000;
    const found = readMoment('1h');
    assert.ok(found >= before && found <= Date.now() - 3_600_000);
  });

  it('are not confused with times, which are local unless they end in Z', () => {
    assert.equal(readMoment('2026-03-01T17:00:00Z'), Date.UTC(2026, 2, 1, 17));
    assert.equal(readMoment('2026-03-01'), new Date(2026, 2, 1).getTime());
    assert.equal(readMoment('2026-03-01 17:30'), new Date(2026, 2, 1, 17, 30).getTime());
    assert.throws(() => readMoment('2026-13-01'), RangeError);
  });
});
