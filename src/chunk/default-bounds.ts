import type { Bounds } from './types.ts';

/** Bounds of blocks in new stores; docs/chunking.md says how they were chosen. */
export const DEFAULT_BOUNDS: Bounds = { minBytes: 4 << 10, targetBytes: 16 << 10, maxBytes: 64 << 10 };
