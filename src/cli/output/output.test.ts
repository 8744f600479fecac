import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { counted, formatChange, formatCount, formatDuration, formatSize } from './amounts.ts';
import { modeText } from './entry-line.ts';
import { plainProgressLine, progressLine } from './progress-line.ts';
import { tableLines } from './table.ts';
import { shorten, textWidth } from './text-width.ts';
import { formatTime, isoTime } from './times.ts';

describe('what people read', () => {
  it('sizes have three digits or so, and never 1024 of a unit', () => {
    assert.deepEqual([0, 1023, 1024, 1536, 102_348, 1_048_575, 5 * 2 ** 40].map(formatSize), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '99.9 KiB',
      '1.0 MiB',
      '5.0 TiB',
    ]);
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        (bytes) => /^\d{1,4}(\.\d)? ([KMGTP]i)?B$/.test(formatSize(bytes)) && !formatSize(bytes).startsWith('1024 '),
      ),
    );
  });

  it('changes of a size have a sign, but for none', () => {
    assert.deepEqual([1536, -16, 0, -0].map(formatChange), ['+1.5 KiB', '-16 B', '0 B', '0 B']);
  });

  it('counts are in groups, and agree with their nouns', () => {
    assert.equal(formatCount(1_234_567), '1,234,567');
    assert.equal(counted(1, 'file'), '1 file');
    assert.equal(counted(1000, 'file'), '1,000 files');
  });

  it('durations do not pretend', () => {
    assert.deepEqual([420, 9_994, 12_340, 59_960, 245_000, 7_620_000].map(formatDuration), [
      '0.42 s',
      '9.99 s',
      '12.3 s',
      '1 min 00 s',
      '4 min 05 s',
      '2 h 07 min',
    ]);
  });

  it('modes are as ls writes them, special bits included', () => {
    assert.equal(modeText('file', 0o644), '-rw-r--r--');
    assert.equal(modeText('directory', 0o1777), 'drwxrwxrwt');
    assert.equal(modeText('file', 0o6755), '-rwsr-sr-x');
    assert.equal(modeText('file', 0o7644), '-rwSr-Sr-T');
  });

  it('times for programs keep every nanosecond, before 1970 too', () => {
    assert.equal(isoTime({ seconds: -1, nanoseconds: 999_999_999 }), '1969-12-31T23:59:59.999999999Z');
    assert.equal(isoTime({ seconds: 1e15, nanoseconds: 1 }), '@1000000000000000.000000001');
    assert.match(formatTime({ seconds: 0, nanoseconds: 0 }, 'minute'), /^(1970-01-01|1969-12-31) \d\d:\d\d$/);
  });

  it('columns line up also under wide characters', () => {
    assert.deepEqual(
      tableLines(
        [{ title: 'NAME' }, { title: 'N', align: 'right' }],
        [
          ['東京', '1'],
          ['é', '10'],
        ],
      ),
      ['NAME   N', '東京   1', 'é     10'],
    );
  });

  it('shortened texts fit, whatever they are made of', () => {
    assert.equal(shorten('abcdefghij', 5), 'ab…ij');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 2, max: 40 }),
        (text, columns) => textWidth(shorten(text, columns)) <= columns,
      ),
    );
  });
});

describe('progress', () => {
  const known = {
    phase: 'saving',
    doneItems: 250,
    totalItems: 1000,
    doneBytes: 2 ** 20,
    totalBytes: 2 ** 22,
    current: 'letters/2026/march.txt',
  };

  it('is a bar with counts, rate and time left when the total is known', () => {
    assert.equal(
      progressLine(known, 4000, 120),
      '[#####---------------]  25.0%  250/1,000  1.0 MiB/4.0 MiB  256 KiB/s  12 s left  letters/2026/march.txt',
    );
  });

  it('has a bar that wanders while the total is unknown', () => {
    const { totalItems: _, totalBytes: __, ...unknown } = known;
    assert.match(progressLine(unknown, 0, 90), /^\[###-------\] {2}250 {2}1\.0 MiB {2}letters/);
    assert.match(progressLine(unknown, 300, 90), /^\[--###-----\]/);
  });

  it('never takes more columns than there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.nat({ max: 1e7 }),
        (columns, elapsedMs) => textWidth(progressLine(known, elapsedMs, columns)) <= columns,
      ),
    );
  });

  it('is a plain line in a log', () => {
    assert.equal(plainProgressLine(known, 1000), 'saving: 25.0%  250/1,000  1.0 MiB/4.0 MiB  1.0 MiB/s');
  });
});
