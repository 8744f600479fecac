import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readCheckedJson } from './checked-json.ts';

const PRIME = 0x01000193;

export interface FoundCacheEntry {
  readonly signature: Buffer;
  readonly files: number;
  readonly bytes: number;
}

export interface FoundCache {
  readonly owner: Record<string, unknown>;
  /** The entries of the directory at a path below the root, whose names are in latin1; undefined when it is not there. */
  directory(names: readonly string[]): ReadonlyMap<string, FoundCacheEntry> | undefined;
}

/** Reads a file cache as docs/formats.md describes it. */
export function readFileCache(file: string): FoundCache {
  const bytes = readFileSync(file);
  const end = bytes.subarray(-24);
  if (end.toString('latin1', 16) !== 'VARVEFC1') throw new Error('magic of a file cache');
  const ownerAt = bytes.length - 24 - end.readUInt32LE(4);
  const indexAt = ownerAt - 16 * end.readUInt32LE(0);
  if (crc32(bytes.subarray(indexAt, ownerAt)) !== end.readUInt32LE(8)) throw new Error('checksum of a file cache');
  const offsets = new Map<number, number>();
  for (let at = indexAt; at < ownerAt; at += 16) offsets.set(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  return {
    owner: readCheckedJson(bytes.toString('utf8', ownerAt, bytes.length - 24).trimEnd()),
    directory(names) {
      const offset = offsets.get(keyOf(names));
      return offset === undefined ? undefined : readDirectory(bytes.subarray(offset, indexAt), names.at(-1) ?? '');
    },
  };
}

function keyOf(names: readonly string[]): number {
  let high = 0x811c9dc5;
  let low = 0x2545f491;
  for (const name of names) {
    high = Math.imul(high ^ 0x2f, PRIME);
    low = Math.imul(low ^ 0x2f, PRIME);
    for (const byte of Buffer.from(name, 'latin1')) {
      high = Math.imul(high ^ byte, PRIME);
      low = Math.imul(low + byte, PRIME) ^ (low >>> 15);
    }
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

function readDirectory(from: Buffer, name: string): ReadonlyMap<string, FoundCacheEntry> {
  const bytes = from.subarray(0, from.readUInt32LE(0));
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4)) throw new Error('checksum of a directory in a file cache');
  let at = 28;
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  take(take(1).readUInt8());
  if (take(take(2).readUInt16LE()).toString('latin1') !== name) throw new Error('name of a directory in a file cache');
  const entries = new Map<string, FoundCacheEntry>();
  for (let left = take(4).readUInt32LE(); left > 0; left--) {
    const entry = take(take(2).readUInt16LE()).toString('latin1');
    entries.set(entry, { signature: take(72), files: take(8).readDoubleLE(), bytes: take(8).readDoubleLE() });
    take(take(1).readUInt8());
    take(take(4).readUInt32LE());
  }
  if (at !== bytes.length) throw new Error('length of a directory in a file cache');
  return entries;
}
