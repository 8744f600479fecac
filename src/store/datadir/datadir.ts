import path from 'node:path';
import { FormatError } from '../../base/errors.ts';
import { turnEventLoop } from '../../base/event-loop.ts';
import type { BlockUse, LendBlocks } from '../../block/types.ts';
import type { Bounds } from '../../chunk/types.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { ArchiveFile } from '../archive-file.ts';
import { archiveFileName, archiveNameOfFile } from '../archive-name.ts';
import { newCounters } from '../counters.ts';
import { hashListing } from '../listing-hash.ts';
import type { Hold, ListOptions, Store } from '../types.ts';
import { isFull, isUnwritable, writeFailure, writing } from '../write-failure.ts';
import type { CatchUpListener } from './catch-up.ts';
import { Claims, type ClaimsMemory } from './claims.ts';
import { readCondemned } from './condemned.ts';
import { createStore, type NewStore } from './create.ts';
import { BlockFinder } from './finder.ts';
import { listArchiveFiles, makeFolders } from './folders.ts';
import { readHeader, type StoreHeader } from './header.ts';
import { BlockIndex } from './index/block-index.ts';
import type { Location } from './index/row.ts';
import { Layout } from './layout.ts';
import { listDigests } from './listing.ts';
import { listSegments } from './segment-file.ts';
import { type Levels, SegmentWriter } from './segment-writer.ts';
import { Session } from './sessions.ts';

export interface DatadirOptions {
  /** Make the store when there is none. */
  readonly create?: NewStore;
  /** zstd level of new records; by default 3, and 1 for what is bulk. */
  readonly level?: number;
  /** A segment is closed when it has grown beyond this; by default 256 MiB. Tests take less. */
  readonly segmentBytes?: number;
  /** How much of what was read stays in memory, decompressed; by default 8 MiB. */
  readonly readCacheBytes?: number;
  /** What the threads of this process have added; see claims.ts. */
  readonly claims?: ClaimsMemory;
  /** Another instance in this process holds the store for as long as this one is used: no session of its own is needed. */
  readonly covered?: boolean;
}

/** zstd levels, by what was measured (docs/benchmarks.md): 3 stores a tenth less than 1 in two thirds of the speed, which only large files feel. */
const DEFAULT_LEVELS: Levels = { usual: 3, bulk: 1 };
const HASHES_A_TURN = 2048;

/**
 * A store in a folder (S15): pack segments, an index made from them, archives as text files. Formats in docs/formats.md; the protocol
 * between writers and the collector in collector.ts. An instance belongs to one thread; any number of threads and processes may
 * each have one for the same folder.
 */
export class Datadir implements Store {
  readonly name: string;
  readonly layout: Layout;
  readonly counters = newCounters();
  readonly index: BlockIndex;
  readonly #options: DatadirOptions;
  #claims: Claims | undefined;
  #header: StoreHeader | undefined;
  #lazyFinder: BlockFinder | undefined;
  #writer: SegmentWriter | undefined;
  /** Blocks hashed since the event loop turned last. */
  #hashes = 0;
  /** Bytes that were stored by writers that are at their end. */
  #storedBefore = 0;
  /** Why there is no session although one was wanted. */
  #unprotected: unknown;

  constructor(folder: string, options: DatadirOptions = {}) {
    this.name = folder;
    this.layout = new Layout(folder);
    this.index = new BlockIndex(this.layout.index);
    this.#options = options;
    this.#claims = options.claims && new Claims(options.claims);
  }

  get level(): number | undefined {
    return this.#options.level;
  }

  get segmentBytes(): number | undefined {
    return this.#options.segmentBytes;
  }

  /** From now on blocks that other threads claim count as known. */
  useClaims(memory: ClaimsMemory): void {
    this.assertProtected();
    this.#claims = new Claims(memory);
  }

  get hash(): HashAlgorithm {
    return this.header.hash;
  }

  get chunking(): Bounds {
    return this.header.chunking;
  }

  get header(): StoreHeader {
    this.#header ??= readHeader(this.layout) ?? createStore(this.layout, this.#options.create);
    return this.#header;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const [block] = await this.getBatch([digest]);
    return block as Uint8Array;
  }

  async getBatch(digests: readonly Digest[]): Promise<Uint8Array[]> {
    const blocks: Uint8Array[] = [];
    await this.lend(digests, (_first, bytes, ends) => {
      const copy = Buffer.allocUnsafe(bytes.length);
      copy.set(bytes);
      for (const [i, end] of ends.entries()) blocks.push(copy.subarray(ends[i - 1] ?? 0, end));
    });
    return blocks;
  }

  async lend(digests: readonly Digest[], take: LendBlocks): Promise<void> {
    await this.#breathe(digests.length);
    for (let start = 0; start < digests.length; ) {
      const unwritten = this.#writer?.unwritten((digests[start] as Digest).subarray(PREFIX_BYTES));
      if (unwritten !== undefined) {
        this.#countRead(1, unwritten.length);
        take(start++, unwritten, [unwritten.length]);
        continue;
      }
      const first = start++;
      while (start < digests.length && this.#writer?.hasUnwritten(digests[start] as Digest, PREFIX_BYTES) !== true) start++;
      this.#finder.lend(digests.slice(first, start), (at, bytes, ends) => {
        this.#countRead(ends.length, bytes.length);
        take(first + at, bytes, ends);
      });
    }
  }

  #countRead(blocks: number, bytes: number): void {
    this.counters.readBlocks += blocks;
    this.counters.readBytes += bytes;
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#has(digest);
  }

  async hasBatch(digests: readonly Digest[]): Promise<boolean[]> {
    return digests.map((digest) => this.#has(digest));
  }

  async add(bytes: Uint8Array): Promise<Digest> {
    return this.#add(bytes, 'content');
  }

  async addBatch(blocks: readonly Uint8Array[], use: BlockUse = 'content'): Promise<Digest[]> {
    await this.#breathe(blocks.length);
    return blocks.map((bytes) => this.#add(bytes, use));
  }

  async *list(options: ListOptions = {}): AsyncGenerator<Digest> {
    this.#finder.refresh();
    yield* listDigests(this.layout, this.hash, options);
  }

  hashList(options?: ListOptions): Promise<Digest> {
    return hashListing(this, options);
  }

  async hold(pins: readonly Digest[] = []): Promise<Hold> {
    this.#prepare();
    await this.#settle();
    const session = this.#options.covered ? undefined : this.#beginSession(pins);
    // Only now: a segment that is condemned from here on is kept until the session has ended.
    this.#finder.refresh();
    return { release: async () => session?.end() };
  }

  /** What earlier uses of this instance have added counts from now on as the index and the list of the condemned have it, and no more than what others added. */
  async #settle(): Promise<void> {
    if (this.#options.covered) return;
    this.#claims = undefined;
    if (this.#writer?.isBroken) this.discard();
    await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#writer === undefined) return;
    this.#writer.sync();
    this.counters.storedBytes = this.#storedBefore + this.#writer.storedBytes;
    this.#publish();
    if (this.index.needsMerge) this.mergeIndex(false);
  }

  archive(name: string): ArchiveFile {
    return new ArchiveFile(name, path.join(this.layout.archives, archiveFileName(name)), { tip: true, prepare: () => this.#prepare() });
  }

  async archives(): Promise<string[]> {
    return this.#archiveNames((file) => archiveNameOfFile(file));
  }

  /** The names of all archives, also of those of which only the witness is left. */
  async archiveNames(): Promise<string[]> {
    return this.#archiveNames((file) => archiveNameOfFile(file.replace(/\.tip$/, '')));
  }

  #archiveNames(nameOf: (file: string) => string | undefined): string[] {
    void this.header;
    return [...new Set(listArchiveFiles(this.layout).flatMap((file) => nameOf(file) ?? []))].sort();
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.abandon();
    }
  }

  /** Releases everything without writing what is in memory still. */
  abandon(): void {
    this.#writer?.release();
    this.#writer = undefined;
    this.#lazyFinder?.forget();
    this.index.close();
  }

  /** Gives up what was added since the last flush, for which there may be no space. */
  discard(): void {
    this.#writer?.discard();
    this.#writer = undefined;
    this.#storedBefore = this.counters.storedBytes;
    this.index.pending.clear();
  }

  /** Indexes what the index lacks, looking afresh at what is there. */
  async catchUp(onProgress?: CatchUpListener): Promise<void> {
    this.#finder.catchUp(onProgress);
  }

  /** Where the index finds a block, among the segments that exist and `accept` takes. */
  locate(hash: Uint8Array, accept: (segment: string) => boolean): Location | undefined {
    return this.#finder.locate(hash, accept);
  }

  /** Sees to it that a sound copy of a block stands in a segment that `stays` accepts; true when one had to be made. */
  async keepIn(digest: Digest, use: BlockUse, stays: (segment: string) => boolean): Promise<boolean> {
    await this.#breathe(2);
    if (this.#writer?.hasUnwritten(digest, PREFIX_BYTES) || this.#finder.isSoundIn(digest, stays)) return false;
    this.#finder.lend([digest], (_first, bytes) => {
      this.#writer ??= this.#makeWriter();
      this.#write(this.#writer, digest, bytes, use);
    });
    return true;
  }

  /** Forgets what is known of segments and of what is condemned; the next call looks again. */
  abandonView(): void {
    this.#finder.forget();
  }

  /** Merges index runs unless somebody does so already. */
  mergeIndex(everything: boolean): void {
    const lock = LockFile.try(this.layout.mergeLock);
    if (lock === undefined) return;
    try {
      const present = new Set(listSegments(this.layout).keys());
      this.index.merge((segment) => present.has(segment), everything);
    } catch (error) {
      // Too many runs are slow, but do no harm; there will be space another time.
      if (isFull(error)) return;
      if (!(error instanceof FormatError)) throw error;
      this.#finder.indexSegments();
    } finally {
      lock.release();
    }
  }

  #has(digest: Digest): boolean {
    if (this.#writer?.hasUnwritten(digest, PREFIX_BYTES)) return true;
    return this.#finder.isReliable(digest) || this.#claims?.has(digest, PREFIX_BYTES) === true;
  }

  #add(bytes: Uint8Array, use: BlockUse): Digest {
    const digest = this.hash.hash(bytes);
    this.#writer ??= this.#makeWriter();
    const known =
      this.#writer.hasUnwritten(digest, PREFIX_BYTES) ||
      this.#finder.isReliable(digest) ||
      (this.#claims !== undefined && !this.#claims.claim(digest, PREFIX_BYTES));
    if (known) {
      this.counters.knownBlocks++;
      this.counters.knownBytes += bytes.length;
      return digest;
    }
    this.#write(this.#writer, digest, bytes, use);
    return digest;
  }

  #write(writer: SegmentWriter, digest: Digest, bytes: Uint8Array, use: BlockUse): void {
    writer.add(digest, PREFIX_BYTES, bytes, use);
    this.counters.newBlocks++;
    this.counters.newBytes += bytes.length;
    if (this.index.pending.isFull) {
      writer.sync();
      this.#publish();
      // What other threads have published meanwhile need not be stored again.
      this.#finder.refresh();
    }
  }

  /** Everything here is synchronous inside; now and then the rest of the thread gets its turn. */
  async #breathe(hashes: number): Promise<void> {
    this.#hashes += hashes;
    if (this.#hashes < HASHES_A_TURN) return;
    this.#hashes = 0;
    await turnEventLoop();
  }

  #publish(): void {
    writing(this.layout.index, () => this.index.publish());
  }

  get #finder(): BlockFinder {
    this.#lazyFinder ??= new BlockFinder({
      layout: this.layout,
      index: this.index,
      name: this.name,
      hash: this.hash,
      readCacheBytes: this.#options.readCacheBytes,
      settle: () => this.#writer?.sync(),
    });
    return this.#lazyFinder;
  }

  #makeWriter(): SegmentWriter {
    this.assertProtected();
    this.#prepare();
    this.#finder.look();
    if (!this.#options.covered) this.#finder.indexSegments();
    const covered = this.index.coverage();
    return new SegmentWriter({
      layout: this.layout,
      hash: this.hash,
      store: this.header.id,
      levels: this.#options.level === undefined ? DEFAULT_LEVELS : { usual: this.#options.level, bulk: this.#options.level },
      limitBytes: this.#options.segmentBytes,
      pending: this.index.pending,
      covered: (segment) => covered.get(segment) ?? 0,
      mayAdopt: (segment) => !readCondemned(this.layout.condemned).segments.includes(segment),
      onSegment: (segment) => this.#finder.expect(segment),
    });
  }

  /**
   * A store that cannot be written to, or is full, can still be read without a session: at worst a tree that is forgotten and collected meanwhile is missed. Nothing may be
   * added then, since it would not be protected.
   */
  #beginSession(pins: readonly Digest[]): Session | undefined {
    this.#unprotected = undefined;
    try {
      return Session.begin(this.layout.sessions, pins);
    } catch (error) {
      if (!isUnwritable(error)) throw writeFailure(error, this.layout.sessions);
      this.#unprotected = writeFailure(error, this.layout.sessions);
      return undefined;
    }
  }

  /** Throws the reason when a session was wanted and there is none. */
  assertProtected(): void {
    if (this.#unprotected !== undefined) throw this.#unprotected;
  }

  #prepare(): void {
    void this.header;
    makeFolders(this.layout);
  }
}
