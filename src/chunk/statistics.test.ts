import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkStatisticsCollector } from './statistics.ts';

const block = (size: number) => ({ kind: 'block', bytes: new Uint8Array(size), offset: 0, size }) as const;

test('equal blocks count once among the distinct', () => {
  const collector = new ChunkStatisticsCollector();
  collector.addFile(undefined);
  for (const key of ['a', 'b', 'a']) collector.addPiece(block(100), undefined, key);
  const { blocks, blockBytes, uniqueBlocks, uniqueBytes } = collector.result();
  assert.deepEqual([blocks, blockBytes, uniqueBlocks, uniqueBytes], [3, 300, 2, 200]);
});

test('sizes are classed by powers of two, smallest first', () => {
  const collector = new ChunkStatisticsCollector();
  for (const size of [1024, 1023, 2047, 1]) collector.addPiece(block(size), undefined, String(size));
  assert.deepEqual(collector.result().sizes, [
    { fromBytes: 1, blocks: 1, bytes: 1 },
    { fromBytes: 512, blocks: 1, bytes: 1023 },
    { fromBytes: 1024, blocks: 2, bytes: 3071 },
  ]);
});

test('formats are told apart, those with most bytes first', () => {
  const collector = new ChunkStatisticsCollector();
  collector.addFile(undefined);
  collector.addFile('tar');
  collector.addPiece(block(10), undefined, 'a');
  collector.addPiece(block(20), 'tar', 'b');
  assert.deepEqual(collector.result().formats, [
    { format: 'tar', files: 1, blocks: 1, bytes: 20 },
    { format: 'kernel', files: 1, blocks: 1, bytes: 10 },
  ]);
});

test('runs are counted apart from blocks', () => {
  const collector = new ChunkStatisticsCollector();
  collector.addPiece({ kind: 'run', byte: 0, offset: 0, size: 5000 }, undefined, '');
  const { bytes, blocks, runs, runBytes } = collector.result();
  assert.deepEqual([bytes, blocks, runs, runBytes], [5000, 0, 1, 5000]);
});
