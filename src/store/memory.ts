import { lendOneByOne } from '../block/lend.ts';
import type { LendBlocks } from '../block/types.ts';
import { DEFAULT_BOUNDS } from '../chunk/default-bounds.ts';
import type { Bounds } from '../chunk/types.ts';
import { blake3 } from '../hash/blake3.ts';
import { digestKey, digestToText } from '../hash/digest.ts';
import type { Digest, HashAlgorithm } from '../hash/types.ts';
import { newCounters } from './counters.ts';
import { MissingBlockError } from './errors.ts';
import { hashListing } from './listing-hash.ts';
import type { ArchiveLog, Hold, ListOptions, Store } from './types.ts';

export interface MemoryOptions {
  readonly hash?: HashAlgorithm;
  readonly chunking?: Bounds;
  /** Blocks beyond this sum of sizes are dropped, least recently used first. Without it nothing ever is. */
  readonly maxBytes?: number;
}

/**
 * A store in memory (S16): a cache when bounded, a store for tests and short lives when not.
 *
 * Invariants: the map's order is the order of use, oldest first; `#bytes` is the sum of its blocks' sizes, and at most `maxBytes`.
 */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly hash: HashAlgorithm;
  readonly chunking: Bounds;
  readonly counters = newCounters();
  readonly #maxBytes: number;
  readonly #blocks = new Map<string, { readonly digest: Digest; readonly bytes: Uint8Array }>();
  readonly #archives = new Map<string, string[]>();
  #bytes = 0;

  constructor(options: MemoryOptions = {}) {
    this.hash = options.hash ?? blake3;
    this.chunking = options.chunking ?? DEFAULT_BOUNDS;
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const found = this.#use(digest);
    if (found === undefined) throw new MissingBlockError(digestToText(digest), this.name);
    this.counters.readBlocks++;
    this.counters.readBytes += found.length;
    return found;
  }

  async getBatch(digests: readonly Digest[], signal?: AbortSignal): Promise<Uint8Array[]> {
    signal?.throwIfAborted();
    return Promise.all(digests.map((digest) => this.get(digest)));
  }

  lend(digests: readonly Digest[], take: LendBlocks, signal?: AbortSignal): Promise<void> {
    return lendOneByOne(this, digests, take, signal);
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#blocks.has(digestKey(digest));
  }

  async hasBatch(digests: readonly Digest[]): Promise<boolean[]> {
    return digests.map((digest) => this.#blocks.has(digestKey(digest)));
  }

  async add(bytes: Uint8Array): Promise<Digest> {
    const digest = this.hash.hash(bytes);
    if (this.#use(digest) !== undefined) {
      this.counters.knownBlocks++;
      this.counters.knownBytes += bytes.length;
      return digest;
    }
    this.#blocks.set(digestKey(digest), { digest, bytes: Uint8Array.from(bytes) });
    this.#bytes += bytes.length;
    this.counters.newBlocks++;
    this.counters.newBytes += bytes.length;
    this.counters.storedBytes += bytes.length;
    this.#evict();
    return digest;
  }

  async addBatch(blocks: readonly Uint8Array[]): Promise<Digest[]> {
    return Promise.all(blocks.map((block) => this.add(block)));
  }

  async *list(options: ListOptions = {}): AsyncGenerator<Digest> {
    const { start, inclusive = true, limit = Number.POSITIVE_INFINITY } = options;
    const sign = options.order === 'descending' ? -1 : 1;
    const digests = Array.from(this.#blocks.values(), ({ digest }) => digest).sort((a, b) => sign * Buffer.compare(a, b));
    let left = limit;
    for (const digest of digests) {
      const order = start === undefined ? 1 : sign * Buffer.compare(digest, start);
      if (order < 0 || (order === 0 && !inclusive)) continue;
      if (left-- <= 0) return;
      yield digest;
    }
  }

  /** Nothing is ever collected here, so there is nothing to protect. */
  async hold(): Promise<Hold> {
    return { release: async () => {} };
  }

  hashList(options?: ListOptions): Promise<Digest> {
    return hashListing(this, options);
  }

  async flush(): Promise<void> {}

  archive(name: string): ArchiveLog {
    const archives = this.#archives;
    return {
      name,
      lines: async () => [...(archives.get(name) ?? [])],
      append: async (line) => {
        if (line.includes('\n')) throw new TypeError('an archive line holds no line end');
        archives.set(name, [...(archives.get(name) ?? []), line]);
      },
      rewrite: async (edit) => {
        const edited = edit(archives.get(name) ?? []);
        if (edited?.length === 0) archives.delete(name);
        else if (edited !== undefined) archives.set(name, [...edited]);
      },
    };
  }

  async archives(): Promise<string[]> {
    return [...this.#archives.keys()].sort();
  }

  async close(): Promise<void> {}

  /** The block, which is now the most recently used. */
  #use(digest: Digest): Uint8Array | undefined {
    const key = digestKey(digest);
    const found = this.#blocks.get(key);
    if (found === undefined) return undefined;
    this.#blocks.delete(key);
    this.#blocks.set(key, found);
    return found.bytes;
  }

  #evict(): void {
    for (const [key, { bytes }] of this.#blocks) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#blocks.delete(key);
      this.#bytes -= bytes.length;
    }
  }
}
