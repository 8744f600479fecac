import fs from 'node:fs';
import path from 'node:path';
import { FormatError, hasErrno } from '../../base/errors.ts';
import { turnEventLoop } from '../../base/event-loop.ts';
import type { Bounds } from '../../chunk/types.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { ArchiveFile } from '../archive-file.ts';
import { archiveFileName, archiveNameOfFile } from '../archive-name.ts';
import { newCounters } from '../counters.ts';
import { DamagedBlockError, MissingBlockError, UnreachableStoreError } from '../errors.ts';
import { hashListing } from '../listing-hash.ts';
import type { Hold, ListOptions, Store } from '../types.ts';
import { writeFailure, writing } from '../write-failure.ts';
import { type CatchUpListener, catchUp } from './catch-up.ts';
import { Claims, type ClaimsMemory } from './claims.ts';
import { readCondemned } from './condemned.ts';
import { createHeader, readHeader, type StoreHeader } from './header.ts';
import { BlockIndex, IndexDamagedError } from './index/block-index.ts';
import type { Location } from './index/row.ts';
import { Layout } from './layout.ts';
import { listDigests } from './listing.ts';
import { listSegments } from './segment-file.ts';
import { SegmentReader } from './segment-reader.ts';
import { type Levels, SegmentWriter } from './segment-writer.ts';
import { Session } from './sessions.ts';
import { SpareCopies } from './spare-copies.ts';

export interface DatadirOptions {
  /** Make the store when there is none. */
  readonly create?: { readonly hash: HashAlgorithm; readonly chunking: Bounds };
  /** zstd level of new records; by default 3, and 1 for what is bulk. */
  readonly level?: number;
  /** What the threads of this process have added; see claims.ts. */
  readonly claims?: ClaimsMemory;
  /** Another instance in this process holds the store for as long as this one is used: no session of its own is needed. */
  readonly covered?: boolean;
}

/** zstd levels, by what was measured (docs/benchmarks.md): 3 stores a tenth less than 1 in two thirds of the speed, which only large files feel. */
const DEFAULT_LEVELS: Levels = { usual: 3, bulk: 1 };
/** The multihash prefix before a bare hash. */
const PREFIX_BYTES = 2;
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
  #reader: SegmentReader | undefined;
  #writer: SegmentWriter | undefined;
  /** Segments that exist, and those of them whose blocks may be relied upon by new trees; as of the last `#refresh`. */
  #present = new Set<string>();
  #reliable = new Set<string>();
  #refreshed = false;
  /** Blocks hashed since the event loop turned last. */
  #hashes = 0;
  /** Why there is no session although one was wanted. */
  #unprotected: unknown;
  #spares: { readonly segments: string; readonly copies: SpareCopies } | undefined;

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

  /** From now on blocks that other threads claim count as known. */
  useClaims(memory: ClaimsMemory): void {
    this.#assertProtected();
    this.#claims = new Claims(memory);
  }

  get hash(): HashAlgorithm {
    return this.header.hash;
  }

  get chunking(): Bounds {
    return this.header.chunking;
  }

  get header(): StoreHeader {
    this.#header ??= readHeader(this.layout) ?? this.#create();
    return this.#header;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = await this.#find(digest);
    this.counters.readBlocks++;
    this.counters.readBytes += bytes.length;
    return bytes;
  }

  async getBatch(digests: readonly Digest[]): Promise<Uint8Array[]> {
    await this.#breathe(digests.length);
    return Promise.all(digests.map((digest) => this.get(digest)));
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#has(digest);
  }

  async hasBatch(digests: readonly Digest[]): Promise<boolean[]> {
    return digests.map((digest) => this.#has(digest));
  }

  async add(bytes: Uint8Array): Promise<Digest> {
    return this.#add(bytes, false);
  }

  async addBatch(blocks: readonly Uint8Array[], { bulk = false }: { readonly bulk?: boolean } = {}): Promise<Digest[]> {
    await this.#breathe(blocks.length);
    return blocks.map((bytes) => this.#add(bytes, bulk));
  }

  async *list(options: ListOptions = {}): AsyncGenerator<Digest> {
    this.#refresh();
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
    this.#refresh();
    return { release: async () => session?.end() };
  }

  /** What earlier uses of this instance have added counts from now on as the index and the list of the condemned have it, and no more than what others added. */
  async #settle(): Promise<void> {
    if (this.#options.covered) return;
    this.#claims = undefined;
    if (this.#writer?.isBroken) {
      this.#writer.release();
      this.#writer = undefined;
      this.index.pending.clear();
    }
    await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#writer === undefined) return;
    this.#writer.sync();
    this.counters.storedBytes = this.#writer.storedBytes;
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
    try {
      return [...new Set(fs.readdirSync(this.layout.archives).flatMap((file) => nameOf(file) ?? []))].sort();
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
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
    this.#reader?.close();
    this.#reader = undefined;
    this.index.close();
    this.#refreshed = false;
  }

  /** Indexes what the index lacks, looking afresh at what is there. */
  async catchUp(onProgress?: CatchUpListener): Promise<void> {
    this.#reader?.close();
    this.#refresh();
    this.#indexSegments(onProgress);
    this.#refresh();
  }

  /** Publishes what the segments say and the index does not, and with it what is pending, which must be durable first. */
  #indexSegments(onProgress?: CatchUpListener): void {
    this.#writer?.sync();
    catchUp(this.layout, this.index, this.hash, onProgress);
  }

  /** Where the index finds a block, among the segments that exist and `accept` takes. */
  locate(hash: Uint8Array, accept: (segment: string) => boolean): Location | undefined {
    if (!this.#refreshed) this.#refresh();
    return this.#locate(hash, (segment) => this.#present.has(segment) && accept(segment));
  }

  /** Sees to it that a sound copy of a block stands in a segment that `stays` accepts; true when one had to be made. */
  async keepIn(digest: Digest, stays: (segment: string) => boolean): Promise<boolean> {
    if (!this.#refreshed) this.#refresh();
    if (this.#writer?.hasUnwritten(digest, PREFIX_BYTES) || this.#isSoundIn(digest, stays)) return false;
    const bytes = await this.#find(digest);
    this.#writer ??= this.#makeWriter();
    this.#write(this.#writer, digest, bytes, false);
    return true;
  }

  #isSoundIn(digest: Digest, stays: (segment: string) => boolean): boolean {
    try {
      return this.#read(digest, digest.subarray(PREFIX_BYTES), stays) !== undefined;
    } catch (error) {
      if (error instanceof DamagedBlockError) return false;
      throw error;
    }
  }

  /** Forgets what is known of segments and of what is condemned; the next call looks again. */
  abandonView(): void {
    this.#reader?.close();
    this.#refreshed = false;
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
      if (hasErrno(error, 'ENOSPC', 'EDQUOT')) return;
      if (!(error instanceof FormatError)) throw error;
      this.#indexSegments();
    } finally {
      lock.release();
    }
  }

  #has(digest: Digest): boolean {
    if (!this.#refreshed) this.#refresh();
    if (this.#writer?.hasUnwritten(digest, PREFIX_BYTES)) return true;
    return this.#isIndexed(digest) || this.#claims?.has(digest, PREFIX_BYTES) === true;
  }

  /** Whether the index knows a copy that may be relied upon. Views are costly here: an empty index is asked nothing. */
  #isIndexed(digest: Digest): boolean {
    return !this.index.isEmpty && this.#locate(digest.subarray(PREFIX_BYTES), this.#isReliable) !== undefined;
  }

  #add(bytes: Uint8Array, bulk: boolean): Digest {
    const digest = this.hash.hash(bytes);
    this.#writer ??= this.#makeWriter();
    if (!this.#refreshed) this.#refresh();
    const known =
      this.#writer.hasUnwritten(digest, PREFIX_BYTES) ||
      this.#isIndexed(digest) ||
      (this.#claims !== undefined && !this.#claims.claim(digest, PREFIX_BYTES));
    if (known) {
      this.counters.knownBlocks++;
      this.counters.knownBytes += bytes.length;
      return digest;
    }
    this.#write(this.#writer, digest, bytes, bulk);
    return digest;
  }

  #write(writer: SegmentWriter, digest: Digest, bytes: Uint8Array, bulk: boolean): void {
    writer.add(digest, PREFIX_BYTES, bytes, bulk);
    this.counters.newBlocks++;
    this.counters.newBytes += bytes.length;
    if (this.index.pending.isFull) {
      writer.sync();
      this.#publish();
      // What other threads have published meanwhile need not be stored again.
      this.#refresh();
    }
  }

  /** Everything here is synchronous inside; now and then the rest of the thread gets its turn. */
  async #breathe(hashes: number): Promise<void> {
    this.#hashes += hashes;
    if (this.#hashes < HASHES_A_TURN) return;
    this.#hashes = 0;
    await turnEventLoop();
  }

  readonly #isReliable = (segment: string): boolean => this.#reliable.has(segment);

  #publish(): void {
    writing(this.layout.index, () => this.index.publish());
  }

  /** The verified bytes of a block, wherever a sound copy of it is. */
  async #find(digest: Digest): Promise<Uint8Array> {
    const hash = digest.subarray(PREFIX_BYTES);
    const unwritten = this.#writer?.unwritten(hash);
    if (unwritten !== undefined) return unwritten;
    if (!this.#refreshed) this.#refresh();
    let damage: DamagedBlockError | undefined;
    // A miss may be the index lagging behind (others add, the collector moves), and the copy that it names may not be the only one: look again before saying so.
    for (const attempt of ['as known', 'refreshed', 'spare copies'] as const) {
      if (attempt === 'refreshed') await this.catchUp();
      if (attempt === 'spare copies') this.#lookForSpares();
      try {
        const found = this.#read(digest, hash);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof DamagedBlockError)) throw error;
        damage = error;
      }
    }
    throw damage ?? new MissingBlockError(digestToText(digest), this.name);
  }

  /** They are looked for once for each set of segments, so that many damaged blocks cost no more than one. */
  #lookForSpares(): void {
    const segments = [...this.#present].sort().join();
    if (this.#spares?.segments === segments) return;
    const copies = new SpareCopies(this.layout, this.hash.hashBytes, (hash) => this.#locate(hash, (segment) => this.#present.has(segment)));
    this.#spares = { segments, copies };
  }

  #read(digest: Digest, hash: Uint8Array, accept: (segment: string) => boolean = () => true): Uint8Array | undefined {
    const tried = new Set<string>();
    let damage: DamagedBlockError | undefined;
    for (;;) {
      const usable = (segment: string) => this.#present.has(segment) && !tried.has(segment) && accept(segment);
      const location = this.#locate(hash, usable) ?? this.#spares?.copies.of(hash).find(({ segment }) => usable(segment));
      if (location === undefined) {
        if (damage !== undefined) throw damage;
        return undefined;
      }
      tried.add(location.segment);
      try {
        const bytes = this.#readAt(digest, location);
        if (bytes !== undefined) return bytes;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        const where = `${this.layout.closed(location.segment)} at byte ${location.offset}: ${error.message}`;
        damage = new DamagedBlockError(digestToText(digest), this.name, where, error);
      }
    }
  }

  #readAt(digest: Digest, location: Location): Uint8Array | undefined {
    this.#reader ??= new SegmentReader(this.layout, this.hash.hashBytes);
    const record = this.#reader.read(location);
    if (record === undefined) return undefined;
    const entry = record.table[location.block];
    if (entry === undefined) throw new FormatError('index', `names block ${location.block} of a record that has ${record.table.length}`);
    const bytes = record.raw.subarray(entry.start, entry.start + entry.size);
    if (Buffer.compare(this.hash.hash(bytes), digest) !== 0) throw new FormatError('block', 'its bytes have another digest');
    // A copy: what belongs to the reader goes when it reads on.
    return Buffer.from(bytes);
  }

  #locate(hash: Uint8Array, usable: (segment: string) => boolean): Location | undefined {
    for (;;) {
      try {
        return this.index.find(hash, usable);
      } catch (error) {
        // Each time one damaged run is put away; then the segments say again what it said.
        if (!(error instanceof IndexDamagedError)) throw error;
        this.#indexSegments();
      }
    }
  }

  #refresh(): void {
    void this.header;
    const condemned = new Set(readCondemned(this.layout.condemned).segments);
    this.#present = new Set(listSegments(this.layout).keys());
    this.#reliable = new Set([...this.#present].filter((segment) => !condemned.has(segment)));
    this.index.refresh();
    this.#refreshed = true;
  }

  #makeWriter(): SegmentWriter {
    this.#assertProtected();
    this.#prepare();
    if (!this.#refreshed) this.#refresh();
    if (!this.#options.covered) catchUp(this.layout, this.index, this.hash);
    const covered = this.index.coverage();
    return new SegmentWriter({
      layout: this.layout,
      hash: this.hash,
      store: this.header.id,
      levels: this.#options.level === undefined ? DEFAULT_LEVELS : { usual: this.#options.level, bulk: this.#options.level },
      pending: this.index.pending,
      covered: (segment) => covered.get(segment) ?? 0,
      mayAdopt: (segment) => !readCondemned(this.layout.condemned).segments.includes(segment),
      onSegment: (segment) => {
        this.#present.add(segment);
        this.#reliable.add(segment);
      },
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
      if (!hasErrno(error, 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT')) throw writeFailure(error, this.layout.sessions);
      this.#unprotected = writeFailure(error, this.layout.sessions);
      return undefined;
    }
  }

  #assertProtected(): void {
    if (this.#unprotected !== undefined) throw this.#unprotected;
  }

  /** Makes the folders that a store being written to needs. */
  #prepare(): void {
    void this.header;
    const { segments, index, archives, sessions } = this.layout;
    for (const folder of [segments, index, archives, sessions]) {
      try {
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      } catch (error) {
        if (!hasErrno(error, 'EROFS', 'EEXIST')) throw writeFailure(error, folder);
      }
    }
  }

  #create(): StoreHeader {
    const { create } = this.#options;
    if (create === undefined) {
      throw new UnreachableStoreError(this.name, 'there is no store here', {
        advice: `Make one with: varve init ${this.name}`,
      });
    }
    fs.mkdirSync(this.layout.root, { recursive: true, mode: 0o700 });
    const foreign = fs.readdirSync(this.layout.root).filter((file) => !/^store(\.copy)?\.json(\..*\.tmp)?$/.test(file));
    // Another process may have made it just now.
    const made = foreign.length > 0 ? readHeader(this.layout) : undefined;
    if (made !== undefined) return made;
    if (foreign.length > 0) {
      throw new UnreachableStoreError(this.name, `a store cannot be made here: the folder holds other things (${foreign[0]})`, {
        advice: 'Name an empty or new folder.',
      });
    }
    const header = createHeader(this.layout, create.hash, create.chunking);
    this.#prepare();
    return header;
  }
}
