import type { BlockSink, BlockSource } from '../block/types.ts';
import type { Bounds } from '../chunk/types.ts';
import type { Digest, HashAlgorithm } from '../hash/types.ts';

/**
 * Anything that holds blocks (S12). Every method is asynchronous and may be called while others are under way.
 * Opening is lazy: nothing is touched before the first call that needs it.
 *
 * Errors: MissingBlockError, DamagedBlockError, UnreachableStoreError (S14); a write that fails for the lack of space or
 * rights rejects with SystemError, and the store stays as it was.
 */
export interface Store extends BlockSource, BlockSink {
  /** How the store is named to people: its specification. */
  readonly name: string;
  readonly hash: HashAlgorithm;
  /** Bounds of blocks that `save` should cut for this store. */
  readonly chunking: ChunkingBounds;

  /** What went through this instance since it was opened (S25). */
  readonly counters: Readonly<StoreCounters>;

  has(digest: Digest): Promise<boolean>;
  hasBatch(digests: readonly Digest[]): Promise<boolean[]>;

  /** Digests in byte order of their multihash. A listing shows what was flushed when it began; what is added meanwhile may be shown. */
  list(options?: ListOptions): AsyncIterable<Digest>;
  /** The hash over the binary digests of that listing, in its order: equal for stores that have the same blocks in that range. */
  hashList(options?: ListOptions): Promise<Digest>;

  /**
   * Protects from collection, until it is released or this process dies: the trees of the digests in `pins`, and every block that is added to or
   * found in this store meanwhile. Whoever adds blocks holds the store until an archive refers to them; whoever relies on a tree pins it
   * and *then* checks that an archive still has it.
   */
  hold(pins?: readonly Digest[]): Promise<Hold>;

  /** Makes everything added so far durable and visible to others. The commit point of blocks; an archive's append comes after it. */
  flush(): Promise<void>;

  /** The archive log of that name; it need not exist yet. */
  archive(name: string): ArchiveLog;
  /** The names of all archives, sorted. */
  archives(): Promise<string[]>;

  /** Flushes and releases everything. Idempotent. */
  close(): Promise<void>;
}

/** Numbers only grow. `stored` is what came to be kept for new blocks, after compression and with all overhead, once it is written. */
export interface StoreCounters {
  newBlocks: number;
  newBytes: number;
  storedBytes: number;
  knownBlocks: number;
  knownBytes: number;
  readBlocks: number;
  readBytes: number;
}

/** See `Store.hold`. Releasing twice does nothing. */
export interface Hold {
  release(): Promise<void>;
}

export interface ListOptions {
  /** Start at this digest. */
  readonly start?: Digest;
  /** Whether `start` itself is listed; true when left out. */
  readonly inclusive?: boolean;
  readonly order?: 'ascending' | 'descending';
  readonly limit?: number;
}

export type ChunkingBounds = Bounds;

/**
 * A named, append-only list of lines (T6); what a line means is the business of the tree layer.
 * Appends are atomic and durable when the promise resolves, also beside other processes.
 */
export interface ArchiveLog {
  readonly name: string;
  /** All lines, oldest first, without line ends. Empty when the archive does not exist. A torn last line is not shown. */
  lines(): Promise<string[]>;
  append(line: string): Promise<void>;
  /**
   * Replaces the list by what `edit` makes of it, atomically, beside appends of others (their lines are in `lines`). `undefined` leaves it as it is,
   * an empty list removes the archive; an archive that does not exist has no lines, and is made where `edit` returns any. `edit` may be asked twice: the last answer counts.
   */
  rewrite(edit: (lines: readonly string[]) => readonly string[] | undefined): Promise<void>;
}
