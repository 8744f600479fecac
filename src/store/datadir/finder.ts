import { FormatError } from '../../base/errors.ts';
import type { LendBlocks } from '../../block/types.ts';
import { digestToText } from '../../hash/digest.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import { DamagedBlockError, MissingBlockError } from '../errors.ts';
import { type CatchUpListener, catchUp } from './catch-up.ts';
import { readCondemned } from './condemned.ts';
import { type BlockIndex, IndexDamagedError } from './index/block-index.ts';
import type { Location } from './index/row.ts';
import type { Layout } from './layout.ts';
import { listSegments } from './segment-file.ts';
import { type LoadedRecord, SegmentReader } from './segment-reader.ts';
import { SpareCopies } from './spare-copies.ts';

/** A verified block in a record, which is valid until the reader reads on. */
interface Found {
  readonly record: LoadedRecord;
  readonly block: number;
}

export interface FinderParts {
  readonly layout: Layout;
  readonly index: BlockIndex;
  /** The store's name in errors. */
  readonly name: string;
  readonly hash: HashAlgorithm;
  /** See DatadirOptions. */
  readonly readCacheBytes: number | undefined;
  /** Makes durable what the index has pending. */
  readonly settle: () => void;
}

/**
 * Finds the blocks of a datadir and reads them: through the index where that is right, and beside it where it lags behind, is damaged, or names a damaged
 * copy. What it knows of segments is as of the last `refresh`. One instance belongs to one thread.
 */
export class BlockFinder {
  readonly #parts: FinderParts;
  readonly #reader: SegmentReader;
  /** Segments that exist, and those of them whose blocks may be relied upon by new trees. */
  #present = new Set<string>();
  #reliable = new Set<string>();
  #isFresh = false;
  #spares: { readonly segments: string; readonly copies: SpareCopies } | undefined;

  constructor(parts: FinderParts) {
    this.#parts = parts;
    this.#reader = new SegmentReader(parts.layout, parts.hash.hashBytes, parts.readCacheBytes);
  }

  /** Looks at what is there, unless that was done since the last `forget`. */
  look(): void {
    if (!this.#isFresh) this.refresh();
  }

  /** Looks again at what is there: segments, those that are condemned, index runs. */
  refresh(): void {
    const { layout, index } = this.#parts;
    const condemned = new Set(readCondemned(layout.condemned).segments);
    this.#present = new Set(listSegments(layout).keys());
    this.#reliable = new Set([...this.#present].filter((segment) => !condemned.has(segment)));
    index.refresh();
    this.#isFresh = true;
  }

  /** Forgets what is known of segments; the next call looks again. */
  forget(): void {
    this.#reader.close();
    this.#isFresh = false;
  }

  /** A segment that this thread has begun to write. */
  expect(segment: string): void {
    this.#present.add(segment);
    this.#reliable.add(segment);
  }

  /** Where the index finds a block, among the segments that exist and `accept` takes. */
  locate(hash: Uint8Array, accept: (segment: string) => boolean): Location | undefined {
    this.look();
    return this.#locate(hash, (segment) => this.#present.has(segment) && accept(segment));
  }

  /** Whether the index knows a copy that new trees may rely upon. Views are costly here: an empty index is asked nothing. */
  isReliable(digest: Digest): boolean {
    this.look();
    return !this.#parts.index.isEmpty && this.#locate(digest.subarray(PREFIX_BYTES), this.#isReliableSegment) !== undefined;
  }

  /** Whether a sound copy of a block stands in a segment that `accept` takes: it is read to tell. */
  isSoundIn(digest: Digest, accept: (segment: string) => boolean): boolean {
    this.look();
    try {
      return this.#read(digest, accept) !== undefined;
    } catch (error) {
      if (error instanceof DamagedBlockError) return false;
      throw error;
    }
  }

  /** Lends verified blocks, wherever a sound copy of each is; those that stand side by side in a record together. See BlockSource. */
  lend(digests: readonly Digest[], take: LendBlocks): void {
    this.look();
    for (let first = 0; first < digests.length; ) {
      const { record, block } = this.#find(digests[first] as Digest);
      let next = first + 1;
      while (next < digests.length && this.#isAt(digests[next] as Digest, record, block + next - first)) next++;
      const entries = record.table.slice(block, block + next - first);
      const start = entries[0]?.start as number;
      const ends = entries.map((entry) => entry.start + entry.size - start);
      take(first, record.raw.subarray(start, start + (ends.at(-1) as number)), ends);
      first = next;
    }
  }

  /** Indexes what the index lacks, looking afresh at what is there. */
  catchUp(onProgress?: CatchUpListener): void {
    this.forget();
    this.refresh();
    this.indexSegments(onProgress);
    this.refresh();
  }

  /** Publishes what the segments say and the index does not, and with it what is pending. */
  indexSegments(onProgress?: CatchUpListener): void {
    const { layout, index, hash, settle } = this.#parts;
    settle();
    catchUp(layout, index, hash, onProgress);
  }

  readonly #isReliableSegment = (segment: string): boolean => this.#reliable.has(segment);

  #find(digest: Digest): Found {
    let damage: DamagedBlockError | undefined;
    // A miss may be the index lagging behind (others add, the collector moves), and the copy that it names may not be the only one: look again before saying so.
    for (const attempt of ['as known', 'refreshed', 'spare copies'] as const) {
      if (attempt === 'refreshed') this.catchUp();
      if (attempt === 'spare copies') this.#lookForSpares();
      try {
        const found = this.#read(digest);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof DamagedBlockError)) throw error;
        damage = error;
      }
    }
    throw damage ?? new MissingBlockError(digestToText(digest), this.#parts.name);
  }

  /** They are looked for once for each set of segments, so that many damaged blocks cost no more than one. */
  #lookForSpares(): void {
    const { layout, hash } = this.#parts;
    const segments = [...this.#present].sort().join();
    if (this.#spares?.segments === segments) return;
    this.#spares = { segments, copies: new SpareCopies(layout, hash.hashBytes, (key) => this.locate(key, () => true)) };
  }

  /** A sound copy among those that are known; undefined when none is known, and DamagedBlockError when none is sound. */
  #read(digest: Digest, accept: (segment: string) => boolean = () => true): Found | undefined {
    const hash = digest.subarray(PREFIX_BYTES);
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
        const record = this.#reader.read(location);
        if (record === undefined) continue;
        const { block } = location;
        if (block >= record.table.length)
          throw new FormatError('index', `names block ${block} of a record that has ${record.table.length}`);
        if (!this.#isSound(digest, record, block)) throw new FormatError('block', 'its bytes have another digest');
        return { record, block };
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        const { layout, name } = this.#parts;
        const where = `${layout.closed(location.segment)} at byte ${location.offset}: ${error.message}`;
        damage = new DamagedBlockError(digestToText(digest), name, where, error);
      }
    }
  }

  /** Whether that block of a record is the one asked for, and sound. Spares the index where blocks are read in the order in which they were added. */
  #isAt(digest: Digest, record: LoadedRecord, block: number): boolean {
    const entry = record.table[block];
    if (entry === undefined) return false;
    const { hash } = entry;
    for (let i = 0; i < hash.length; i++) if (hash[i] !== digest[PREFIX_BYTES + i]) return false;
    return this.#isSound(digest, record, block);
  }

  #isSound(digest: Digest, { table, raw }: LoadedRecord, block: number): boolean {
    const { start, size } = table[block] as LoadedRecord['table'][number];
    return Buffer.compare(this.#parts.hash.hash(raw.subarray(start, start + size)), digest) === 0;
  }

  #locate(hash: Uint8Array, usable: (segment: string) => boolean): Location | undefined {
    for (;;) {
      try {
        return this.#parts.index.find(hash, usable);
      } catch (error) {
        // Each time one damaged run is put away; then the segments say again what it said.
        if (!(error instanceof IndexDamagedError)) throw error;
        this.indexSegments();
      }
    }
  }
}
