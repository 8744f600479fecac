import type { ChunkingKeys } from './types.ts';

export const SEED_BYTES = 32;

/**
 * The seed of stores that are not sealed: the first 32 bytes after the point of the hexadecimal expansion of π, a number with nothing up its sleeve.
 * It is part of the format of such stores as far as deduplication goes: another seed cuts elsewhere.
 */
export const DEFAULT_SEED: Uint8Array = Uint8Array.fromHex('243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89');

/**
 * Draws a kernel's multipliers from a seed of 32 bytes. All words of the seed are mixed into each
 * multiplier, so that poor seeds, all zero say, still give usable ones. Secrecy, where wanted, is that of the seed.
 * Throws RangeError for a seed of another length.
 */
export function chunkingKeys(seed: Uint8Array = DEFAULT_SEED): ChunkingKeys {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a chunking seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  const next = wordsFrom(seed);
  return {
    sieve: [oddUpper16(next()), oddUpper16(next()), oddUpper16(next())],
    confirm: [odd(next()), odd(next()), odd(next()), odd(next()), odd(next()), odd(next()), odd(next()), odd(next())],
  };
}

/** A generator of 32-bit words: each is the whole seed folded, word by word, through the finaliser of MurmurHash3 from a counter on. */
function wordsFrom(seed: Uint8Array): () => number {
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  let counter = 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let state = mix(counter);
    for (let at = 0; at < SEED_BYTES; at += 4) state = mix(Math.imul(state, 0x01000193) + view.getUint32(at, true));
    return state >>> 0;
  };
}

/** `fmix32` of MurmurHash3 (Austin Appleby, public domain). */
export function mix(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function odd(word: number): number {
  return (word | 1) >>> 0;
}

function oddUpper16(word: number): number {
  return (word >>> 16) | 1;
}
