import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { bareHash } from './digests.ts';

/** A record: the bare hashes of its blocks in order, and its length. */
export interface FoundRecord {
  readonly hashes: readonly string[];
  readonly bytes: number;
}

export interface FoundSegments {
  /** Every block by its bare hash. */
  readonly blocks: ReadonlyMap<string, Buffer>;
  /** By UUID of the segment and offset, `uuid@64`. */
  readonly records: ReadonlyMap<string, FoundRecord>;
  /** Length of each segment, by UUID. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads all segments of a datadir from end to end, and checks all that docs/formats.md says can be checked. */
export function readSegments(store: string, storeId: string): FoundSegments {
  const blocks = new Map<string, Buffer>();
  const records = new Map<string, FoundRecord>();
  const sizes = new Map<string, number>();
  for (const file of readdirSync(join(store, 'segments'))) {
    const [, id = ''] = /^([0-9a-f]{32})\.(?:growing|vseg)$/.exec(file) ?? [];
    const bytes = readFileSync(join(store, 'segments', file));
    sizes.set(id, bytes.length);
    const { code, hashBytes } = readHeader(bytes, id, storeId);
    for (let at = 64; at < bytes.length; ) {
      const record = readRecord(bytes.subarray(at), hashBytes);
      for (const [hash, block] of record.blocks) {
        expect(bareHash(code, block) === hash, 'a block has another digest than its table says');
        blocks.set(hash, block);
      }
      records.set(`${id}@${at}`, { hashes: record.blocks.map(([hash]) => hash), bytes: record.bytes });
      at += record.bytes;
    }
  }
  return { blocks, records, sizes };
}

function readHeader(bytes: Buffer, id: string, storeId: string): { readonly code: number; readonly hashBytes: number } {
  expect(bytes.toString('latin1', 0, 8) === 'VARVESEG' && bytes.readUInt16LE(8) === 1, 'magic or version of a segment');
  expect(bytes.toString('hex', 16, 32) === id && bytes.toString('hex', 32, 48) === storeId, 'UUIDs of a segment');
  expect(
    bytes.subarray(48, 60).every((byte) => byte === 0),
    'zeros of a segment',
  );
  expect(bytes.readUInt32LE(60) === crc32(bytes.subarray(0, 60)), 'checksum of a segment');
  return { hashBytes: bytes.readUInt16LE(10), code: bytes.readUInt32LE(12) };
}

function readRecord(bytes: Buffer, hashBytes: number): { readonly blocks: readonly (readonly [string, Buffer])[]; readonly bytes: number } {
  expect(bytes.toString('latin1', 0, 4) === 'VREC' && bytes[4] === 1, 'magic or version of a record');
  expect(bytes.readUInt32LE(28) === crc32(bytes.subarray(0, 28)), 'checksum of a record');
  const count = bytes.readUInt16LE(6);
  const tableBytes = bytes.readUInt32LE(8);
  const storedBytes = bytes.readUInt32LE(16);
  const table = bytes.subarray(32, 32 + tableBytes);
  const stored = bytes.subarray(32 + tableBytes, 32 + tableBytes + storedBytes);
  expect(bytes.readUInt32LE(20) === crc32(table) && bytes.readUInt32LE(24) === crc32(stored), 'checksums of table and payload');
  const payload = bytes[5] === 1 ? zstdDecompressSync(stored) : stored;
  expect(payload.length === bytes.readUInt32LE(12), 'length of a payload');
  const blocks: [string, Buffer][] = [];
  let at = 0;
  let start = 0;
  for (let block = 0; block < count; block++) {
    const hash = table.toString('hex', at, at + hashBytes);
    at += hashBytes;
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = table[at++] as number;
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    blocks.push([hash, payload.subarray(start, start + size)]);
    start += size;
  }
  expect(at === tableBytes && start === payload.length, 'table and payload of a record');
  return { blocks, bytes: 32 + tableBytes + storedBytes };
}

function expect(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`not as docs/formats.md says: ${what}`);
}
