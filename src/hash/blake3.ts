import { Blake3Hasher, blake3 as blake3OneShot } from '@napi-rs/blake-hash';
import { toDigest } from './multihash.ts';
import type { HashAlgorithm } from './types.ts';

const CODE = 0x1e;
const HASH_BYTES = 32;

/** BLAKE3 with 256 bits of output; the default. */
export const blake3: HashAlgorithm = {
  name: 'blake3',
  code: CODE,
  hashBytes: HASH_BYTES,
  digestBytes: 2 + HASH_BYTES,
  hash: (bytes) => toDigest(CODE, blake3OneShot(bytes)),
  hasher() {
    const state = new Blake3Hasher();
    return {
      update: (bytes) => void state.update(bytes),
      digest: () => toDigest(CODE, state.digestBuffer()),
    };
  },
};
