import fs from 'node:fs';
import { FormatError } from '../../base/errors.ts';
import { RECORD_HEADER_BYTES, type RecordHeader, type TableEntry, decodeRecordHeader, decodeTable, recordBytes } from './record.ts';
import { SEGMENT_HEADER_BYTES } from './segment-file.ts';

/** A record found in a segment. */
export interface ScannedRecord {
  readonly kind: 'record';
  readonly offset: number;
  readonly recordBytes: number;
  readonly header: RecordHeader;
  readonly table: readonly TableEntry[];
}

/** Bytes in which no record could be found, up to the next record or the end of the segment. */
export interface ScannedDamage {
  readonly kind: 'damage';
  readonly offset: number;
  readonly bytes: number;
  readonly problem: string;
}

const SEARCH_BYTES = 1024 * 1024;
const MAGIC = Buffer.from('VREC', 'latin1');

/**
 * Walks the records of an open segment from `from` (a record's beginning) to `end`, reading heads and tables only. Where a head is damaged
 * it goes on at the next sound one, so that one flipped bit costs one record.
 */
export function* scanSegment(fd: number, from: number, end: number, hashBytes: number): Generator<ScannedRecord | ScannedDamage> {
  let at = Math.max(from, SEGMENT_HEADER_BYTES);
  while (at < end) {
    const found = readHead(fd, at, end, hashBytes);
    if (typeof found !== 'string') {
      yield found;
      at += found.recordBytes;
      continue;
    }
    const next = findHead(fd, at + 1, end, hashBytes);
    yield { kind: 'damage', offset: at, bytes: next - at, problem: found };
    at = next;
  }
}

/** The record at `at`, or what is wrong with it. */
function readHead(fd: number, at: number, end: number, hashBytes: number): ScannedRecord | string {
  const guess = Buffer.allocUnsafe(Math.min(4096, end - at));
  if (fs.readSync(fd, guess, 0, guess.length, at) !== guess.length) return 'cut short';
  try {
    const header = decodeRecordHeader(guess);
    if (at + recordBytes(header) > end) return 'record is cut short';
    let table: Uint8Array = guess.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + header.tableBytes);
    if (table.length < header.tableBytes) {
      table = Buffer.allocUnsafe(header.tableBytes);
      fs.readSync(fd, table, 0, table.length, at + RECORD_HEADER_BYTES);
    }
    return { kind: 'record', offset: at, recordBytes: recordBytes(header), header, table: decodeTable(header, table, hashBytes) };
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}

/** Offset of the next sound record at or after `from`, or `end`. */
function findHead(fd: number, from: number, end: number, hashBytes: number): number {
  const window = Buffer.allocUnsafe(SEARCH_BYTES);
  for (let at = from; at < end; at += SEARCH_BYTES - MAGIC.length) {
    const length = fs.readSync(fd, window, 0, Math.min(SEARCH_BYTES, end - at), at);
    for (let hit = window.indexOf(MAGIC); hit >= 0 && hit < length; hit = window.indexOf(MAGIC, hit + 1)) {
      if (typeof readHead(fd, at + hit, end, hashBytes) !== 'string') return at + hit;
    }
  }
  return end;
}
