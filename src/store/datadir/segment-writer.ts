import fs from 'node:fs';
import { hasErrno, UsageError } from '../../base/errors.ts';
import type { BlockUse } from '../../block/types.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { syncFolder } from '../../sys/durable.ts';
import { system } from '../../sys/system.ts';
import { writeFailure, writing } from '../write-failure.ts';
import { encodePayload, releasePayload } from './codec.ts';
import { GROUP_BYTES, Group } from './group.ts';
import { newId } from './header.ts';
import type { PendingRows } from './index/pending.ts';
import { MAX_BLOCK_BYTES } from './index/row.ts';
import type { Layout } from './layout.ts';
import { encodeRecordHead } from './record.ts';
import { checkSegmentHeader, encodeSegmentHeader, listSegments, SEGMENT_HEADER_BYTES } from './segment-file.ts';
import { type ScannedRecord, scanSegment } from './segment-scan.ts';

/** zstd levels: of groups that are bulk for the most part, and of all others. */
export interface Levels {
  readonly usual: number;
  readonly bulk: number;
}

/** A segment is closed when it has grown beyond this. One of half the size is not taken up again by a later writer. */
const SEGMENT_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Appends blocks to a growing segment of its own. State: the segment (open and locked, or none yet), and the groups of blocks in
 * memory that are not written yet: content, and what refers to it.
 *
 * Invariants: `#end` is the end of the last complete record; rows go to `pending` only for records that are written; they may be published
 * only after `sync`. A write that fails leaves a torn record behind `#end`, which the next write overwrites. A sync that fails is never tried again, since the
 * kernel may drop what it could not write and report success the next time: what it was for is cut off, so that nobody indexes it, and the writer is at its end.
 */
export class SegmentWriter {
  readonly #layout: Layout;
  readonly #hash: HashAlgorithm;
  readonly #store: string;
  readonly #levels: Levels;
  readonly #limitBytes: number;
  readonly #pending: PendingRows;
  /** Says up to where a segment is indexed: what lies beyond in an adopted one is found by scanning. */
  readonly #covered: (segment: string) => number;
  readonly #mayAdopt: (segment: string) => boolean;
  readonly #onSegment: (segment: string) => void;

  #segment: { readonly id: string; readonly fd: number } | undefined;
  #end = 0;
  /** Up to where the segment is known to be durable. */
  #syncedEnd = 0;
  #unsynced = false;
  /** Why nothing more can be made durable. */
  #failure: unknown;
  readonly #content: Group;
  readonly #inner: Group;

  /** Bytes written since the writer was made. */
  storedBytes = 0;

  constructor(options: {
    layout: Layout;
    hash: HashAlgorithm;
    store: string;
    levels: Levels;
    limitBytes: number | undefined;
    pending: PendingRows;
    covered: (segment: string) => number;
    mayAdopt: (segment: string) => boolean;
    /** Told of each segment that is written to from now on. */
    onSegment: (segment: string) => void;
  }) {
    this.#layout = options.layout;
    this.#hash = options.hash;
    this.#store = options.store;
    this.#levels = options.levels;
    this.#limitBytes = options.limitBytes ?? SEGMENT_LIMIT_BYTES;
    this.#pending = options.pending;
    this.#covered = options.covered;
    this.#mayAdopt = options.mayAdopt;
    this.#onSegment = options.onSegment;
    this.#content = new Group(options.hash.hashBytes);
    this.#inner = new Group(options.hash.hashBytes);
  }

  /** Adds a block whose bare hash stands at `at` in `hash`; all bytes belong to the caller again on return. */
  add(hash: Uint8Array, at: number, bytes: Uint8Array, use: BlockUse): void {
    if (bytes.length > MAX_BLOCK_BYTES) throw new UsageError(`a block of ${bytes.length} bytes; a store takes up to ${MAX_BLOCK_BYTES}`);
    const group = use === 'inner' ? this.#inner : this.#content;
    if (!group.hasRoom(bytes.length)) this.#writeGroup(group);
    group.add(hash, at, bytes, use === 'bulk');
    if (bytes.length >= GROUP_BYTES) this.#writeLarge(group);
  }

  /** Whether the block is in memory still. */
  hasUnwritten(hash: Uint8Array, at: number): boolean {
    return this.#content.blocks.has(hash, at) || this.#inner.blocks.has(hash, at);
  }

  /** The bytes of a block that is in memory still, in a fresh copy. */
  unwritten(hash: Uint8Array): Uint8Array | undefined {
    return this.#content.find(hash) ?? this.#inner.find(hash);
  }

  /** Writes what is in memory and makes all that was written durable. */
  sync(): void {
    this.#writeGroup(this.#content);
    this.#writeGroup(this.#inner);
    if (this.#segment === undefined || !this.#unsynced) return;
    this.#syncData(this.#segment.fd);
    this.#unsynced = false;
  }

  /** Whether a sync has failed: what was written since the one before will never be durable. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Lets go of the segment, which may be taken up by another writer, and of the memory. What was not synced may be lost. */
  release(): void {
    this.#letGo();
    this.#content.release();
    this.#inner.release();
  }

  /** Lets go of the segment, and of what was added since the last sync: as far as it was written, it is cut off. Nothing is left of a segment without a record. */
  discard(): void {
    if (this.#segment === undefined) return;
    const { id, fd } = this.#segment;
    fs.ftruncateSync(fd, this.#syncedEnd);
    if (this.#syncedEnd === SEGMENT_HEADER_BYTES) fs.rmSync(this.#layout.growing(id), { force: true });
    this.release();
  }

  /** A group whose bytes are the caller's: if it cannot be written now it never will be. */
  #writeLarge(group: Group): void {
    try {
      this.#writeGroup(group);
    } finally {
      group.clear();
    }
  }

  #writeGroup(group: Group): void {
    if (group.isEmpty) return;
    if (this.#failure !== undefined) throw this.#failure;
    const segment = this.#open();
    const { blocks, table, bytes } = group;
    const payload = encodePayload(bytes, group.isBulk ? this.#levels.bulk : this.#levels.usual);
    const head = encodeRecordHead(table.bytes(), table.blocks, payload.codec, bytes.length, payload.bytes);
    const recordBytes = head.length + payload.bytes.length;
    const offset = this.#end;
    writing(this.#layout.growing(segment.id), () => writeFully(segment.fd, head, payload.bytes, offset));
    releasePayload(payload);
    this.#unsynced = true;
    this.#end += recordBytes;
    this.storedBytes += recordBytes;
    for (let block = 0; block < blocks.size; block++)
      this.#pending.add(blocks.keys, block * blocks.keyBytes, { segment: segment.id, offset, recordBytes, block });
    this.#pending.cover(segment.id, this.#end);
    group.clear();
    if (this.#end >= this.#limitBytes) this.#close();
  }

  #open(): { readonly id: string; readonly fd: number } {
    if (this.#segment === undefined) {
      this.#segment = writing(this.#layout.segments, () => this.#adopt()) ?? this.#create();
      this.#onSegment(this.#segment.id);
    }
    return this.#segment;
  }

  /** Takes up a growing segment that nobody writes to. */
  #adopt(): { readonly id: string; readonly fd: number } | undefined {
    for (const file of listSegments(this.#layout).values()) {
      if (!file.growing || file.sizeBytes > this.#limitBytes / 2 || !this.#mayAdopt(file.id)) continue;
      const path = this.#layout.growing(file.id);
      let fd: number;
      try {
        fd = fs.openSync(path, 'r+');
      } catch (error) {
        if (hasErrno(error, 'ENOENT', 'EACCES')) continue;
        throw error;
      }
      if (system().lock(fd, 'exclusive') && sameFile(fd, path) && this.#mayAdopt(file.id) && this.#takeUp(file.id, fd))
        return { id: file.id, fd };
      fs.closeSync(fd);
    }
    return undefined;
  }

  /**
   * Indexes what a killed writer left complete, and makes it durable, so that nothing of it is ever cut off; cuts off what that left torn. False when the segment is damaged,
   * or cannot be made durable: it is left alone.
   */
  #takeUp(id: string, fd: number): boolean {
    const size = fs.fstatSync(fd).size;
    const header = new Uint8Array(SEGMENT_HEADER_BYTES);
    if (fs.readSync(fd, header, 0, header.length, 0) !== header.length) return false;
    try {
      checkSegmentHeader(header, id, this.#hash);
    } catch {
      return false;
    }
    let end = Math.max(SEGMENT_HEADER_BYTES, this.#covered(id));
    if (end > size) return false;
    const records: ScannedRecord[] = [];
    for (const found of scanSegment(fd, end, size, this.#hash.hashBytes)) {
      if (found.kind === 'damage') {
        if (found.isUnreadable || found.offset + found.bytes < size) return false;
        fs.ftruncateSync(fd, found.offset);
        break;
      }
      end = found.offset + found.recordBytes;
      records.push(found);
    }
    if (!isSynced(fd)) return false;
    for (const { table, offset, recordBytes } of records) {
      table.forEach(({ hash }, block) => {
        this.#pending.add(hash, 0, { segment: id, offset, recordBytes, block });
      });
    }
    this.#pending.cover(id, end);
    this.#end = end;
    this.#syncedEnd = end;
    return true;
  }

  #create(): { readonly id: string; readonly fd: number } {
    return writing(this.#layout.segments, () => {
      const { id, fd } = this.#createLocked();
      fs.writeSync(fd, encodeSegmentHeader(id, this.#store, this.#hash), 0, SEGMENT_HEADER_BYTES, 0);
      syncFolder(this.#layout.segments);
      this.#end = SEGMENT_HEADER_BYTES;
      this.#syncedEnd = SEGMENT_HEADER_BYTES;
      return { id, fd };
    });
  }

  /** A new file with its lock. Another writer may look whether it can take the file up before it is locked; then it is left to stay empty, and another is made. */
  #createLocked(): { readonly id: string; readonly fd: number } {
    for (;;) {
      const id = newId();
      const fd = fs.openSync(this.#layout.growing(id), 'wx+', 0o600);
      if (system().lock(fd, 'exclusive')) return { id, fd };
      fs.closeSync(fd);
    }
  }

  /** A closed segment is complete, durable, and never changes again. */
  #close(): void {
    const { id, fd } = this.#segment as { id: string; fd: number };
    writing(this.#layout.growing(id), () => {
      // What a failed write may have left behind the last record.
      fs.ftruncateSync(fd, this.#end);
      this.#syncData(fd);
      fs.renameSync(this.#layout.growing(id), this.#layout.closed(id));
      syncFolder(this.#layout.segments);
    });
    this.#unsynced = false;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#segment === undefined) return;
    const { fd } = this.#segment;
    // Whatever it says, the descriptor is gone, and its number may be another file's by now.
    this.#segment = undefined;
    fs.closeSync(fd);
  }

  #syncData(fd: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      fs.fdatasyncSync(fd);
      this.#syncedEnd = this.#end;
    } catch (error) {
      this.#failure = writeFailure(error, this.#layout.segments);
      fs.ftruncateSync(fd, this.#syncedEnd);
      throw this.#failure;
    }
  }
}

function writeFully(fd: number, head: Uint8Array, payload: Uint8Array, at: number): void {
  let written = fs.writevSync(fd, [head, payload], at);
  const total = head.length + payload.length;
  while (written < total) {
    const part = written < head.length ? head.subarray(written) : payload.subarray(written - head.length);
    written += fs.writeSync(fd, part, 0, part.length, at + written);
  }
}

function isSynced(fd: number): boolean {
  try {
    fs.fdatasyncSync(fd);
    return true;
  } catch {
    return false;
  }
}

function sameFile(fd: number, path: string): boolean {
  const now = fs.statSync(path, { throwIfNoEntry: false, bigint: true });
  const open = fs.fstatSync(fd, { bigint: true });
  return now !== undefined && now.ino === open.ino && now.dev === open.dev;
}
