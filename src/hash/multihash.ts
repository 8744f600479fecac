import type { Digest } from './types.ts';

/** Length of the prefix before the bare hash. */
export const PREFIX_BYTES = 2;

/**
 * Puts the multihash prefix (varint code, varint length) before a bare hash. Codes and lengths of all registered algorithms are
 * below 0x80, so each varint is one byte.
 */
export function toDigest(code: number, hash: Uint8Array): Digest {
  const digest = new Uint8Array(2 + hash.length);
  digest[0] = code;
  digest[1] = hash.length;
  digest.set(hash, 2);
  return digest as Digest;
}
