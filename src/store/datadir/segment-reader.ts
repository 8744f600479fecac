import fs from 'node:fs';
import { FormatError } from '../../base/errors.ts';
import { giveBack } from '../../base/give-back.ts';
import { decodePayload } from './codec.ts';
import type { Location } from './index/row.ts';
import type { Layout } from './layout.ts';
import { readAt } from './read-at.ts';
import { decodeRecordHeader, decodeTable, RECORD_HEADER_BYTES, recordBytes, type TableEntry } from './record.ts';
import { openSegment } from './segment-file.ts';

/** A record in memory: its table, and its blocks decompressed. */
export interface LoadedRecord {
  readonly table: readonly TableEntry[];
  readonly raw: Uint8Array;
}

const OPEN_SEGMENTS = 32;
const USUAL_RECORD_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);
/** Decompressed records kept, unless the owner says otherwise; enough for several readers that each go through the store in order. */
const CACHE_BYTES = 8 * 1024 * 1024;

/**
 * Reads records by positional reads, with bounded descriptors and memory. One instance belongs to one thread. A record is valid until the next call: its memory is given back
 * when others take its place.
 */
export class SegmentReader {
  readonly #layout: Layout;
  readonly #hashBytes: number;
  readonly #maxBytes: number;
  readonly #open = new Map<string, number>();
  readonly #cache = new Map<string, LoadedRecord>();
  #cachedBytes = 0;
  /** What was read last, before it is decompressed. */
  #scratch = NOTHING;

  constructor(layout: Layout, hashBytes: number, cacheBytes = CACHE_BYTES) {
    this.#layout = layout;
    this.#hashBytes = hashBytes;
    this.#maxBytes = cacheBytes;
  }

  /** The record at a location; undefined when its segment is gone. Throws FormatError when it is damaged. */
  read(location: Location): LoadedRecord | undefined {
    const key = `${location.segment}${location.offset}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const fd = this.#segment(location.segment);
    if (fd === undefined) return undefined;
    if (location.recordBytes > this.#scratch.length) {
      giveBack(this.#scratch);
      this.#scratch = Buffer.allocUnsafeSlow(Math.max(location.recordBytes, USUAL_RECORD_BYTES));
    }
    const record = readRecord(fd, location.offset, this.#scratch.subarray(0, location.recordBytes), this.#hashBytes);
    this.#remember(key, record);
    return record;
  }

  /** Closes the segments, which may have been removed meanwhile, and forgets what was read. */
  close(): void {
    for (const fd of this.#open.values()) fs.closeSync(fd);
    this.#open.clear();
    for (const { raw } of this.#cache.values()) giveBack(raw);
    giveBack(this.#scratch);
    this.#scratch = NOTHING;
    this.#cache.clear();
    this.#cachedBytes = 0;
  }

  #segment(id: string): number | undefined {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const fd = openSegment(this.#layout, id);
    if (fd === undefined) return undefined;
    if (this.#open.size >= OPEN_SEGMENTS) {
      const [oldest, oldestFd] = this.#open.entries().next().value as [string, number];
      fs.closeSync(oldestFd);
      this.#open.delete(oldest);
    }
    this.#open.set(id, fd);
    return fd;
  }

  #remember(key: string, record: LoadedRecord): void {
    this.#cache.set(key, record);
    this.#cachedBytes += record.raw.length;
    for (const [oldest, { raw }] of this.#cache) {
      if (this.#cachedBytes <= this.#maxBytes || oldest === key) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= raw.length;
      giveBack(raw);
    }
  }
}

/** Reads, checks and decompresses the record of `bytes.length` bytes at `offset`; `bytes` is what it is read into, and the caller's again on return. */
export function readRecord(fd: number, offset: number, bytes: Uint8Array, hashBytes: number): LoadedRecord {
  const got = readAt(fd, bytes, offset);
  const header = decodeRecordHeader(bytes.subarray(0, got));
  if (recordBytes(header) !== bytes.length || got !== bytes.length)
    throw new FormatError('record', 'is cut short, or not the one that was looked for', offset);
  const payloadAt = RECORD_HEADER_BYTES + header.tableBytes;
  const payload = bytes.subarray(payloadAt);
  const raw = decodePayload(header, payload);
  return {
    table: decodeTable(header, Uint8Array.prototype.slice.call(bytes, RECORD_HEADER_BYTES, payloadAt), hashBytes),
    raw: raw === payload ? Uint8Array.prototype.slice.call(raw) : raw,
  };
}
