import { nameToBytes } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import { typeOfKind } from '../../sys/stat.ts';
import type { CatalogueNode, DirectorySums } from '../types.ts';

/** Length of the digest of a directory: eight words. */
export const SUM_BYTES = 32;
const WORDS = SUM_BYTES / 4;

/** What an entry adds to the digest of its directory, as docs/formats.md says; undefined for a file whose digest is not known. */
export function entryHash(node: Pick<CatalogueNode, 'kind' | 'name' | 'digest'>): Uint32Array | undefined {
  if (node.kind === 'file') return node.digest === undefined ? undefined : hashOf(node, node.digest);
  return hashOf(node, NOTHING);
}

/** The same for a directory, with its own sums. */
export function directoryHash(node: Pick<CatalogueNode, 'kind' | 'name'>, sums: DirectorySums, digest: Uint32Array): Uint32Array {
  const own = Buffer.allocUnsafe(SUM_BYTES + 24);
  own.set(new Uint8Array(digest.buffer, digest.byteOffset, SUM_BYTES), 0);
  own.writeDoubleLE(sums.files, SUM_BYTES);
  own.writeDoubleLE(sums.directories, SUM_BYTES + 8);
  own.writeDoubleLE(Number(sums.size), SUM_BYTES + 16);
  return hashOf(node, own);
}

export function addHash(to: Uint32Array, hash: Uint32Array): void {
  for (let i = 0; i < WORDS; i++) to[i] = (to[i] as number) + (hash[i] as number);
}

export function subtractHash(from: Uint32Array, hash: Uint32Array): void {
  for (let i = 0; i < WORDS; i++) from[i] = (from[i] as number) - (hash[i] as number);
}

export function noHash(): Uint32Array {
  return new Uint32Array(WORDS);
}

const NOTHING = new Uint8Array(0);

function hashOf({ kind, name }: Pick<CatalogueNode, 'kind' | 'name'>, own: Uint8Array): Uint32Array {
  const bytes = Buffer.allocUnsafe(3 + name.length + own.length);
  bytes[0] = typeOfKind(kind);
  bytes.writeUInt16LE(Math.min(name.length, 0xffff), 1);
  bytes.set(nameToBytes(name), 3);
  bytes.set(own, 3 + name.length);
  return asWords(blake3.hash(bytes).subarray(PREFIX_BYTES));
}

/** The words of 32 bytes, in memory of their own. */
export function asWords(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
