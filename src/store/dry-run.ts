import type { LendBlocks } from '../block/types.ts';
import type { Digest } from '../hash/types.ts';
import { newCounters } from './counters.ts';
import type { ArchiveLog, Hold, ListOptions, Store } from './types.ts';

/** A store that writes nothing: blocks are named and counted as new or known, and forgotten. Reading goes through. */
export class DryRunStore implements Store {
  readonly #store: Store;
  readonly #added = new Set<string>();
  readonly counters = newCounters();

  constructor(store: Store) {
    this.#store = store;
  }

  get name(): string {
    return this.#store.name;
  }
  get hash(): Store['hash'] {
    return this.#store.hash;
  }
  get chunking(): Store['chunking'] {
    return this.#store.chunking;
  }

  get(digest: Digest, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#store.get(digest, signal);
  }
  getBatch(digests: readonly Digest[], signal?: AbortSignal): Promise<Uint8Array[]> {
    return this.#store.getBatch(digests, signal);
  }
  lend(digests: readonly Digest[], take: LendBlocks, signal?: AbortSignal): Promise<void> {
    return this.#store.lend(digests, take, signal);
  }
  has(digest: Digest): Promise<boolean> {
    return this.#store.has(digest);
  }
  hasBatch(digests: readonly Digest[]): Promise<boolean[]> {
    return this.#store.hasBatch(digests);
  }

  async add(bytes: Uint8Array): Promise<Digest> {
    const digest = this.hash.hash(bytes);
    const key = Buffer.from(digest).toString('latin1');
    const known = this.#added.has(key) || (await this.#store.has(digest));
    this.#added.add(key);
    this.counters[known ? 'knownBlocks' : 'newBlocks']++;
    this.counters[known ? 'knownBytes' : 'newBytes'] += bytes.length;
    return digest;
  }
  addBatch(blocks: readonly Uint8Array[]): Promise<Digest[]> {
    return Promise.all(blocks.map((bytes) => this.add(bytes)));
  }

  list(options?: ListOptions): AsyncIterable<Digest> {
    return this.#store.list(options);
  }
  hashList(options?: ListOptions): Promise<Digest> {
    return this.#store.hashList(options);
  }
  async hold(): Promise<Hold> {
    return { release: async () => undefined };
  }
  async flush(): Promise<void> {}
  archive(name: string): ArchiveLog {
    return this.#store.archive(name);
  }
  archives(): Promise<string[]> {
    return this.#store.archives();
  }
  async close(): Promise<void> {}
}
