import type { Levels } from './levels.ts';
import type { Bounds, Kernel } from './types.ts';

/**
 * The first content-defined boundary p, from < p ≤ limit, of the block that begins at `start`; 0 when there is none. Boundaries closer than
 * `minBytes` do not count, and up to `targetBytes` the strict level holds, beyond it the loose one. Searching in steps (`from` where the last one
 * ended) finds the same as searching at once.
 */
export function findBoundary(kernel: Kernel, bounds: Bounds, levels: Levels, start: number, from: number, limit: number): number {
  const first = Math.max(from, start + bounds.minBytes - 1);
  const target = start + bounds.targetBytes;
  const strictEnd = Math.min(limit, target);
  if (first < strictEnd) {
    const found = kernel.search(first, strictEnd, levels.strictLimit);
    if (found !== 0) return found;
  }
  const second = Math.max(first, target);
  return second < limit ? kernel.search(second, limit, levels.looseLimit) : 0;
}

/**
 * Where a block that reached its maximal size without a boundary is cut: at the strongest position that it may have, so that also data in which nothing
 * is ever confirmed is cut by its content, and shifted copies of it are cut alike.
 */
export function forcedBoundary(kernel: Kernel, bounds: Bounds, start: number): number {
  return kernel.strongest(start + bounds.minBytes - 1, start + bounds.maxBytes);
}
