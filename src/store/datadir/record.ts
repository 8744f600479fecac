import { crc32 } from 'node:zlib';
import { FormatError, NewerFormatError } from '../../base/errors.ts';

/**
 * A record is the unit of compression, of reading and of checking in a segment: a group of blocks that were added one after another.
 * Layout in docs/formats.md, "Pack segments". All numbers are little-endian.
 *
 *   header 32 bytes | table: per block its bare hash and its length as a varint | payload: the blocks, compressed together or raw
 */
export const RECORD_HEADER_BYTES = 32;
const RECORD_MAGIC = 0x43455256; // "VREC"
const RECORD_VERSION = 1;

/** What a decoder believes at most; a writer stays far below. */
export const MAX_RECORD_RAW_BYTES = 64 * 1024 * 1024;
const MAX_RECORD_STORED_BYTES = MAX_RECORD_RAW_BYTES + 1024 * 1024;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

export type Codec = 'raw' | 'zstd';
const CODECS: readonly Codec[] = ['raw', 'zstd'];

export interface RecordHeader {
  readonly codec: Codec;
  readonly blocks: number;
  readonly tableBytes: number;
  /** Length of the payload when decompressed: the sum of all block lengths. */
  readonly rawBytes: number;
  /** Length of the payload as it stands in the segment. */
  readonly storedBytes: number;
  readonly tableCrc: number;
  readonly payloadCrc: number;
}

/** Length of the whole record in the segment. */
export function recordBytes(header: RecordHeader): number {
  return RECORD_HEADER_BYTES + header.tableBytes + header.storedBytes;
}

/** Header and table of a record, ready to be written before `payload`. */
export function encodeRecordHead(table: Uint8Array, blocks: number, codec: Codec, rawBytes: number, payload: Uint8Array): Uint8Array {
  const head = new Uint8Array(RECORD_HEADER_BYTES + table.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, RECORD_MAGIC, true);
  view.setUint8(4, RECORD_VERSION);
  view.setUint8(5, CODECS.indexOf(codec));
  view.setUint16(6, blocks, true);
  view.setUint32(8, table.length, true);
  view.setUint32(12, rawBytes, true);
  view.setUint32(16, payload.length, true);
  view.setUint32(20, crc32(table), true);
  view.setUint32(24, crc32(payload), true);
  view.setUint32(28, crc32(head.subarray(0, 28)), true);
  head.set(table, RECORD_HEADER_BYTES);
  return head;
}

/** Reads and checks the header at the beginning of `bytes`. */
export function decodeRecordHeader(bytes: Uint8Array): RecordHeader {
  if (bytes.length < RECORD_HEADER_BYTES) throw new FormatError('record header', 'cut short', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_HEADER_BYTES);
  if (view.getUint32(0, true) !== RECORD_MAGIC) throw new FormatError('record header', 'no record begins here', 0);
  if (view.getUint32(28, true) !== crc32(bytes.subarray(0, 28))) throw new FormatError('record header', 'checksum differs', 28);
  const version = view.getUint8(4);
  if (version > RECORD_VERSION) throw new NewerFormatError('a record of a pack segment', version, RECORD_VERSION);
  const codec = CODECS[view.getUint8(5)];
  if (codec === undefined) throw new FormatError('record header', 'unknown codec', 5);
  const header: RecordHeader = {
    codec,
    blocks: view.getUint16(6, true),
    tableBytes: view.getUint32(8, true),
    rawBytes: view.getUint32(12, true),
    storedBytes: view.getUint32(16, true),
    tableCrc: view.getUint32(20, true),
    payloadCrc: view.getUint32(24, true),
  };
  if (header.tableBytes > MAX_TABLE_BYTES || header.rawBytes > MAX_RECORD_RAW_BYTES || header.storedBytes > MAX_RECORD_STORED_BYTES) {
    throw new FormatError('record header', 'lengths beyond all bounds', 8);
  }
  return header;
}

/** One block of a record's table; `start` and `size` say where it stands in the decompressed payload. */
export interface TableEntry {
  /** Bare hash; a view into the table. */
  readonly hash: Uint8Array;
  readonly start: number;
  readonly size: number;
}

/** Collects the table of a record while blocks are added. Reusable after `clear`. */
export class TableBuilder {
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;
  readonly #hashBytes: number;
  blocks = 0;

  constructor(hashBytes: number) {
    this.#hashBytes = hashBytes;
  }

  /** The bare hash stands at `hashAt` in `hash`. */
  add(hash: Uint8Array, hashAt: number, size: number): void {
    const needed = this.#length + this.#hashBytes + 5;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    for (let i = 0; i < this.#hashBytes; i++) this.#bytes[this.#length + i] = hash[hashAt + i] as number;
    let at = this.#length + this.#hashBytes;
    let rest = size;
    while (rest >= 0x80) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[at++] = rest;
    this.#length = at;
    this.blocks++;
  }

  /** The table so far, as a view that the next `add` may change. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.blocks = 0;
  }
}

/** Reads and checks the table of a record whose bare hashes are `hashBytes` long. */
export function decodeTable(header: RecordHeader, table: Uint8Array, hashBytes: number): TableEntry[] {
  if (table.length !== header.tableBytes || crc32(table) !== header.tableCrc) throw new FormatError('record table', 'checksum differs');
  const entries: TableEntry[] = [];
  let at = 0;
  let start = 0;
  while (entries.length < header.blocks) {
    const hash = table.subarray(at, at + hashBytes);
    at += hashBytes;
    let size = 0;
    let shift = 0;
    let byte: number | undefined;
    do {
      byte = table[at++];
      if (byte === undefined || shift > 28) throw new FormatError('record table', 'cut short or malformed', at);
      size += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte >= 0x80);
    entries.push({ hash, start, size });
    start += size;
  }
  if (at !== table.length || start !== header.rawBytes) throw new FormatError('record table', 'does not agree with its header', at);
  return entries;
}
