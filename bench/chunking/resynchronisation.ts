import { cut } from '../../src/chunk/cut.ts';
import { wordsOf } from '../../src/chunk/test-corpus.ts';
import type { Bounds } from '../../src/chunk/types.ts';

/** How a cutter that enters a file somewhere falls in with the boundaries of one that began at its start. */
export interface Resynchronisation {
  readonly starts: number;
  /** Blocks cut until the first common boundary, and the bytes passed until there. */
  readonly meanBlocks: number;
  readonly mostBlocks: number;
  readonly meanBytes: number;
  readonly mostBytes: number;
  /** Starts from which no boundary was met within the bytes that were looked at. */
  readonly never: number;
}

/** Enters `bytes` at `starts` random places, and looks at up to `reachBytes` from each. */
export function measureResynchronisation(bytes: Uint8Array, bounds: Bounds, starts: number, reachBytes: number): Resynchronisation {
  const boundaries = new Set<number>();
  let end = 0;
  for (const size of cut(bytes, bounds, { scanners: null })) {
    end += size;
    boundaries.add(end);
  }
  const next = wordsOf(3);
  const blocks: number[] = [];
  const passed: number[] = [];
  for (let trial = 0; trial < starts; trial++) {
    const start = next() % Math.max(1, bytes.length - reachBytes);
    let at = start;
    const sizes = cut(bytes.subarray(start, start + reachBytes), bounds, { scanners: null });
    const met = sizes.slice(0, -1).findIndex((size) => {
      at += size;
      return boundaries.has(at);
    });
    if (met < 0) continue;
    blocks.push(met + 1);
    passed.push(at - start);
  }
  return {
    starts,
    meanBlocks: mean(blocks),
    mostBlocks: Math.max(0, ...blocks),
    meanBytes: mean(passed),
    mostBytes: Math.max(0, ...passed),
    never: starts - blocks.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
