import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { FormatError, hasErrno, NewerFormatError } from '../../base/errors.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import type { Layout } from './layout.ts';

/** Layout in docs/formats.md, "Pack segments". */
export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = 'VARVESEG';
const VERSION = 1;
const SEGMENT_NAME = /^([0-9a-f]{32})\.(growing|vseg)$/;

/** A segment as it is found on disk. */
export interface SegmentFile {
  readonly id: string;
  readonly growing: boolean;
  readonly sizeBytes: number;
}

export function encodeSegmentHeader(id: string, store: string, hash: HashAlgorithm): Uint8Array {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt16LE(VERSION, 8);
  header.writeUInt16LE(hash.hashBytes, 10);
  header.writeUInt32LE(hash.code, 12);
  header.write(id, 16, 'hex');
  header.write(store, 32, 'hex');
  header.writeUInt32LE(crc32(header.subarray(0, SEGMENT_HEADER_BYTES - 4)), SEGMENT_HEADER_BYTES - 4);
  return header;
}

/** Checks the header of a segment; `hash` is the store's algorithm. Segments of other stores are welcome when their algorithm is the same. */
export function checkSegmentHeader(bytes: Uint8Array, id: string, hash: HashAlgorithm): void {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (header.length < SEGMENT_HEADER_BYTES) throw new FormatError('segment header', 'cut short', header.length);
  if (header.toString('latin1', 0, 8) !== MAGIC) throw new FormatError('segment header', 'wrong magic', 0);
  if (header.readUInt32LE(SEGMENT_HEADER_BYTES - 4) !== crc32(header.subarray(0, SEGMENT_HEADER_BYTES - 4))) {
    throw new FormatError('segment header', 'checksum differs', SEGMENT_HEADER_BYTES - 4);
  }
  if (header.readUInt16LE(8) > VERSION) throw new NewerFormatError('a pack segment', header.readUInt16LE(8), VERSION);
  if (header.readUInt32LE(12) !== hash.code) throw new FormatError('segment header', 'names another hash algorithm than the store', 12);
  if (header.toString('hex', 16, 32) !== id) throw new FormatError('segment header', 'names another segment than the file does', 16);
}

/** All segments of a store by id. A segment that is being closed (renamed) right now is found under one of its names. */
export function listSegments(layout: Layout): Map<string, SegmentFile> {
  const found = new Map<string, SegmentFile>();
  // A rename during one reading of a folder may hide the file from it; it cannot hide from two.
  for (let pass = 0; pass < 2; pass++) {
    for (const name of readFolder(layout.segments)) {
      const match = SEGMENT_NAME.exec(name);
      if (!match) continue;
      const id = match[1] as string;
      const growing = match[2] === 'growing';
      if (found.has(id) && (growing || found.get(id)?.growing === false)) continue;
      const stat = fs.statSync(growing ? layout.growing(id) : layout.closed(id), { throwIfNoEntry: false });
      if (stat?.isFile()) found.set(id, { id, growing, sizeBytes: stat.size });
    }
  }
  return found;
}

/** Opens a segment for reading, whichever name it has now; undefined when it is gone. */
export function openSegment(layout: Layout, id: string): number | undefined {
  for (const file of [layout.closed(id), layout.growing(id), layout.closed(id)]) {
    try {
      return fs.openSync(file, 'r');
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

function readFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
