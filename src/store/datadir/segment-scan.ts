import { FormatError } from '../../base/errors.ts';
import { readAt, UnreadableError } from './read-at.ts';
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
  /** The disk could not read some of it: records may stand there nevertheless. */
  readonly isUnreadable: boolean;
}

const SEARCH_BYTES = 1024 * 1024;
/** A disk that cannot read something can read what is a page away from it. */
const PAGE_BYTES = 4096;
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
    const next = found.end === undefined ? findHead(fd, at + 1, end, hashBytes) : { offset: Math.min(end, found.end), isUnreadable: false };
    const isUnreadable = found.isUnreadable || next.isUnreadable;
    yield { kind: 'damage', offset: at, bytes: next.offset - at, problem: found.problem, isUnreadable };
    at = next.offset;
  }
}

/** What is wrong with the head at some offset; `end` is where its record ends, if at least the header is sound. */
interface BadHead {
  readonly kind: 'bad';
  readonly problem: string;
  readonly isUnreadable: boolean;
  readonly end?: number;
}

/** The record at `at`, or what is wrong with it. */
function readHead(fd: number, at: number, end: number, hashBytes: number): ScannedRecord | BadHead {
  let recordEnd: number | undefined;
  try {
    const guess = readGuess(fd, at, end);
    if (guess === undefined) return { kind: 'bad', problem: 'cut short', isUnreadable: false };
    const header = decodeRecordHeader(guess);
    recordEnd = at + recordBytes(header);
    if (recordEnd > end) return { kind: 'bad', problem: 'record is cut short', isUnreadable: false, end: recordEnd };
    let table: Uint8Array = guess.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + header.tableBytes);
    if (table.length < header.tableBytes) {
      table = Buffer.allocUnsafe(header.tableBytes);
      readAt(fd, table, at + RECORD_HEADER_BYTES);
    }
    return { kind: 'record', offset: at, recordBytes: recordBytes(header), header, table: decodeTable(header, table, hashBytes) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const isUnreadable = error instanceof UnreadableError;
    return { kind: 'bad', problem: error.message, isUnreadable, ...(recordEnd !== undefined && { end: recordEnd }) };
  }
}

/** The head at `at`, and the table behind it if that is small; undefined when less is there. */
function readGuess(fd: number, at: number, end: number): Buffer | undefined {
  const guess = Buffer.allocUnsafe(Math.min(PAGE_BYTES, end - at));
  try {
    return readAt(fd, guess, at) === guess.length ? guess : undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // What lies behind a small record may be what the disk cannot read.
    const head = guess.subarray(0, RECORD_HEADER_BYTES);
    return readAt(fd, head, at) === head.length ? head : undefined;
  }
}

/** Offset of the next sound record at or after `from`, or `end`; and whether the disk could not read some of what is before it. */
function findHead(fd: number, from: number, end: number, hashBytes: number): { offset: number; isUnreadable: boolean } {
  const window = Buffer.allocUnsafe(SEARCH_BYTES);
  let windowBytes = SEARCH_BYTES;
  for (let at = from; at < end; ) {
    const length = readWindow(fd, window.subarray(0, Math.min(windowBytes, end - at)), at);
    if (length === undefined) {
      if (windowBytes === PAGE_BYTES) at = (Math.floor(at / PAGE_BYTES) + 1) * PAGE_BYTES;
      windowBytes = PAGE_BYTES;
      continue;
    }
    for (let hit = window.indexOf(MAGIC); hit >= 0 && hit < length; hit = window.indexOf(MAGIC, hit + 1)) {
      if (readHead(fd, at + hit, end, hashBytes).kind === 'record') return { offset: at + hit, isUnreadable: windowBytes === PAGE_BYTES };
    }
    at += windowBytes - MAGIC.length;
  }
  return { offset: end, isUnreadable: windowBytes === PAGE_BYTES };
}

/** How many bytes were read; undefined where the disk cannot. */
function readWindow(fd: number, window: Uint8Array, at: number): number | undefined {
  try {
    return readAt(fd, window, at);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
