import { createHash } from 'node:crypto';
import { blake3 } from '@napi-rs/blake-hash';

/** The algorithms that the reader knows, by their multihash code. */
const HASH: Readonly<Record<number, (bytes: Uint8Array) => Buffer>> = {
  18: (bytes) => createHash('sha256').update(bytes).digest(),
  30: (bytes) => blake3(bytes),
};

/** The bare hash of bytes, in hexadecimal digits. */
export function bareHash(code: number, bytes: Uint8Array): string {
  return (HASH[code] as (bytes: Uint8Array) => Buffer)(bytes).toString('hex');
}

/** The bare hash that a binary digest holds. */
export function hashOfDigest(digest: Uint8Array): string {
  if (digest.length !== 2 + (digest[1] as number)) throw new Error('a digest has another length than it says');
  return Buffer.from(digest.subarray(2)).toString('hex');
}

/** The bare hash that a digest in text holds. */
export function hashOfText(text: string): string {
  return text.slice(text.indexOf(':') + 1);
}
