import fs from 'node:fs';
import { FormatError } from '../../base/errors.ts';
import { decodeRecordHeader, decodeTable, RECORD_HEADER_BYTES, type RecordHeader, recordBytes, type TableEntry } from './record.ts';
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
 * Walks the records of an open segment from `from` (a record's beginning) to `end`, reading heads and tables only. Behind a damaged table, or a record that is cut short,
 * it goes on where the header says; where the header is damaged too, at the next sound head. So one flipped bit costs one record, and what only looks
 * like records inside of a payload (a pack segment that was saved as a file) is not taken for some while the header in front of it is sound.
 */
export function* scanSegment(fd: number, from: number, end: number, hashBytes: number): Generator<ScannedRecord | ScannedDamage> {
  let at = Math.max(from, SEGMENT_HEADER_BYTES);
  while (at < end) {
    const found = readHead(fd, at, end, hashBytes);
    if (found.kind === 'record') {
      yield found;
      at += found.recordBytes;
      continue;
    }
    const next = Math.min(end, found.end ?? findHead(fd, at + 1, end, hashBytes));
    yield { kind: 'damage', offset: at, bytes: next - at, problem: found.problem };
    at = next;
  }
}

/** What is wrong with the head at some offset; `end` is where its record ends, if at least the header is sound. */
interface BadHead {
  readonly kind: 'bad';
  readonly problem: string;
  readonly end?: number;
}

/** The record at `at`, or what is wrong with it. */
function readHead(fd: number, at: number, end: number, hashBytes: number): ScannedRecord | BadHead {
  const guess = Buffer.allocUnsafe(Math.min(4096, end - at));
  if (fs.readSync(fd, guess, 0, guess.length, at) !== guess.length) return { kind: 'bad', problem: 'cut short' };
  let recordEnd: number | undefined;
  try {
    const header = decodeRecordHeader(guess);
    recordEnd = at + recordBytes(header);
    if (recordEnd > end) return { kind: 'bad', problem: 'record is cut short', end: recordEnd };
    let table: Uint8Array = guess.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + header.tableBytes);
    if (table.length < header.tableBytes) {
      table = Buffer.allocUnsafe(header.tableBytes);
      fs.readSync(fd, table, 0, table.length, at + RECORD_HEADER_BYTES);
    }
    return { kind: 'record', offset: at, recordBytes: recordBytes(header), header, table: decodeTable(header, table, hashBytes) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'bad', problem: error.message, ...(recordEnd !== undefined && { end: recordEnd }) };
  }
}

/** Offset of the next sound record at or after `from`, or `end`. */
function findHead(fd: number, from: number, end: number, hashBytes: number): number {
  const window = Buffer.allocUnsafe(SEARCH_BYTES);
  for (let at = from; at < end; at += SEARCH_BYTES - MAGIC.length) {
    const length = fs.readSync(fd, window, 0, Math.min(SEARCH_BYTES, end - at), at);
    for (let hit = window.indexOf(MAGIC); hit >= 0 && hit < length; hit = window.indexOf(MAGIC, hit + 1)) {
      if (readHead(fd, at + hit, end, hashBytes).kind === 'record') return at + hit;
    }
  }
  return end;
}
