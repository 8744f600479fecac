import { FormatError } from '../base/errors.ts';
import { toDigest } from './multihash.ts';
import { hashByCode, hashByName } from './registry.ts';
import type { Digest, HashAlgorithm } from './types.ts';

/** Longest digest of any algorithm: two bytes of prefix and 64 of hash. Bounds what decoders believe. */
export const MAX_DIGEST_BYTES = 66;

/** The text form: `blake3:9f…`, lower-case hexadecimal. */
export function digestToText(digest: Digest): string {
  const { algorithm, prefixBytes } = parsePrefix(digest, 0);
  return `${algorithm.name}:${Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex', prefixBytes)}`;
}

/** Reads the text form; throws FormatError or UnknownHashError. */
export function digestFromText(text: string): Digest {
  const match = /^([a-z0-9-]+):((?:[0-9a-f]{2})+)$/.exec(text);
  if (!match) throw new FormatError('digest', `expected algorithm:hex, found ${JSON.stringify(text.slice(0, 80))}`);
  const algorithm = hashByName(match[1] as string);
  const hash = Buffer.from(match[2] as string, 'hex');
  if (hash.length !== algorithm.hashBytes) {
    throw new FormatError('digest', `${algorithm.name} has ${algorithm.hashBytes * 2} hexadecimal digits, found ${hash.length * 2}`);
  }
  return toDigest(algorithm.code, hash);
}

/** The binary form at `at` of `bytes`, as a view; throws FormatError when it is not a whole digest of a known algorithm. */
export function digestFromBytes(bytes: Uint8Array, at = 0): Digest {
  const { algorithm } = parsePrefix(bytes, at);
  const end = at + algorithm.digestBytes;
  if (end > bytes.length) throw new FormatError('digest', 'cut short', at);
  return bytes.subarray(at, end) as Digest;
}

/** The algorithm that a digest names. */
export function digestAlgorithm(digest: Digest): HashAlgorithm {
  return parsePrefix(digest, 0).algorithm;
}

/** A string that is equal for equal digests only: the key for maps and sets. */
export function digestKey(digest: Digest): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('latin1');
}

export function digestsEqual(a: Digest, b: Digest): boolean {
  return Buffer.compare(a, b) === 0;
}

function parsePrefix(bytes: Uint8Array, at: number): { algorithm: HashAlgorithm; prefixBytes: number } {
  const code = bytes[at];
  const length = bytes[at + 1];
  if (code === undefined || length === undefined) throw new FormatError('digest', 'cut short', at);
  // Every registered code is below 0x80: a one-byte varint.
  if (code >= 0x80) throw new FormatError('digest', 'unknown multihash code', at);
  const algorithm = hashByCode(code);
  if (length !== algorithm.hashBytes) throw new FormatError('digest', `wrong length ${length} for ${algorithm.name}`, at);
  return { algorithm, prefixBytes: 2 };
}
