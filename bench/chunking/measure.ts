import { hash } from 'node:crypto';
import type { Chunker } from './chunkers.ts';
import type { CorpusFile } from './corpora.ts';

/** What a block costs besides its content: its record's header, its entry in the index, its ref. */
export const BLOCK_COST_BYTES = 60;

export interface Deduplication {
  readonly totalBytes: number;
  readonly blocks: number;
  readonly uniqueBytes: number;
  readonly uniqueBlocks: number;
  /** (unique bytes + cost of unique blocks) / total bytes; less is better. */
  readonly ratio: number;
}

/** Cuts every file and counts each distinct piece once. */
export function measureDeduplication(chunker: Chunker, files: Iterable<CorpusFile>): Deduplication {
  const seen = new Set<string>();
  let totalBytes = 0;
  let blocks = 0;
  let uniqueBytes = 0;
  for (const { name, bytes } of files) {
    chunker.load(bytes, name);
    totalBytes += bytes.length;
    chunker.cut((start, end) => {
      blocks++;
      const key = hash('sha1', bytes.subarray(start, end), 'latin1' as 'hex');
      if (seen.has(key)) return;
      seen.add(key);
      uniqueBytes += end - start;
    });
  }
  const ratio = (uniqueBytes + seen.size * BLOCK_COST_BYTES) / totalBytes;
  return { totalBytes, blocks, uniqueBytes, uniqueBlocks: seen.size, ratio };
}

/** Gigabytes a second on `bytes`, which lie in the chunker's memory and in the caches as far as they fit: the median of `rounds`. */
export function measureSpeed(chunker: Chunker, bytes: Uint8Array, rounds: number): number {
  const times: number[] = [];
  let pieces = 0;
  for (let round = -2; round < rounds; round++) {
    chunker.load(bytes);
    const begun = performance.now();
    chunker.cut(() => {
      pieces++;
    });
    if (round >= 0) times.push(performance.now() - begun);
  }
  if (pieces === 0) throw new Error(`${chunker.name} cut nothing`);
  times.sort((a, b) => a - b);
  return bytes.length / (times[times.length >> 1] as number) / 1e6;
}
