import type { StoreCounters } from './types.ts';

/** Counters at zero. */
export function newCounters(): StoreCounters {
  return { newBlocks: 0, newBytes: 0, storedBytes: 0, knownBlocks: 0, knownBytes: 0, readBlocks: 0, readBytes: 0 };
}
