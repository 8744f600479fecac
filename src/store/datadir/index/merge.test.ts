import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { mergeRuns } from './merge.ts';
import { PendingRows } from './pending.ts';
import type { Location } from './row.ts';
import { Run, writeRun } from './run.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-merge-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
let count = 0;

const hashOf = (block: number) => createHash('sha256').update(String(block)).digest();

/** A run that says of each of `blocks` that it stands in `segment`. */
function runOf(segment: string, blocks: Iterable<number>): Run {
  const pending = new PendingRows();
  for (const block of blocks) pending.add(hashOf(block), 0, { segment, offset: 64 + block, recordBytes: 100, block: 0 });
  pending.cover(segment, 10_000);
  const file = path.join(folder, `${count++}.run`);
  writeRun(file, [pending.sorted()], pending.coverage());
  return new Run(file);
}

function merged(runs: Run[], exists: (segment: string) => boolean = () => true): Run {
  const file = path.join(folder, `${count++}.run`);
  mergeRuns(file, runs, exists);
  return new Run(file);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string];

describe('merging index runs', () => {
  test('keeps where each block stands in each segment, so that any one of them may go', () => {
    const run = merged([runOf(A, range(0, 900)), runOf(B, range(300, 1200)), runOf(C, range(600, 700))]);
    for (const block of range(0, 1200)) {
      const found = [A, B, C].filter((segment) => run.find(hashOf(block), (one) => one === segment)?.segment === segment);
      const expected = [...(block < 900 ? [A] : []), ...(block >= 300 ? [B] : []), ...(block >= 600 && block < 700 ? [C] : [])];
      assert.deepEqual(found, expected, `block ${block}`);
    }
    assert.equal(run.rows, 900 + 900 + 100);
  });

  test('says once what several runs say, and nothing of segments that are gone', () => {
    const twice = merged([runOf(A, range(0, 500)), runOf(A, range(0, 500)), runOf(B, range(0, 500))], (segment) => segment !== B);
    assert.equal(twice.rows, 500);
    const location = twice.find(hashOf(7), () => true) as Location;
    assert.deepEqual(location, { segment: A, offset: 71, recordBytes: 100, block: 0 });
    assert.deepEqual(twice.coverage, [{ segment: A, end: 10_000 }]);
  });
});
