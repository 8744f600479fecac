import type { Bounds } from '../types.ts';

/**
 * How long a part of a file (a member, an entry, a message) must be to get blocks of its own, shared with no neighbour. Shorter ones cost more, as blocks, than
 * they save; measured on tar and zip, see docs/chunking.md.
 */
export function leastPartBytes(bounds: Bounds): number {
  return bounds.minBytes / 4;
}
