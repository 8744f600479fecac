import type { ByteName } from '../../base/names.ts';

/**
 * A 53-bit key of a path below a root, computed from that of its parent: two FNV-1a hashes side by side. Different paths may share one; whoever looks a path up
 * compares the name, and what it finds by content.
 */
export interface PathKey {
  readonly high: number;
  readonly low: number;
}

export const ROOT_KEY: PathKey = { high: 0x811c9dc5, low: 0x2545f491 };

export function childKey(parent: PathKey, name: ByteName): PathKey {
  let { high, low } = parent;
  high = Math.imul(high ^ 0x2f, 0x01000193);
  low = Math.imul(low ^ 0x2f, 0x01000193);
  for (let i = 0; i < name.length; i++) {
    const byte = name.charCodeAt(i);
    high = Math.imul(high ^ byte, 0x01000193);
    low = Math.imul(low + byte, 0x01000193) ^ (low >>> 15);
  }
  return { high, low };
}

/** The key as one number that a double holds exactly. */
export function keyNumber({ high, low }: PathKey): number {
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
