import assert from 'node:assert/strict';
import { lendOneByOne } from '../../src/block/lend.ts';
import type { BlockSource, EmitBlock, LendBlocks } from '../../src/block/types.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { digestKey } from '../../src/hash/digest.ts';
import type { Digest, HashAlgorithm } from '../../src/hash/types.ts';

/** The plainest source and destination of blocks, for tests below the store layer. Counts what is asked of it. */
export class BlockMap implements BlockSource {
  readonly #blocks = new Map<string, Uint8Array>();
  readonly #hash: HashAlgorithm;
  /** Blocks handed out. */
  fetched = 0;

  constructor(hash: HashAlgorithm = blake3) {
    this.#hash = hash;
  }

  readonly emit: EmitBlock = (bytes) => {
    const digest = this.#hash.hash(bytes);
    this.#blocks.set(digestKey(digest), bytes);
    return digest;
  };

  get size(): number {
    return this.#blocks.size;
  }

  keys(): Set<string> {
    return new Set(this.#blocks.keys());
  }

  /** Puts other bytes under the digest, as damage or malice would. */
  replace(digest: Digest, bytes: Uint8Array): void {
    this.#blocks.set(digestKey(digest), bytes);
  }

  getNow(digest: Digest): Uint8Array {
    const block = this.#blocks.get(digestKey(digest));
    assert.ok(block, 'the block is there');
    return block;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    this.fetched++;
    return this.getNow(digest);
  }

  async getBatch(digests: readonly Digest[], signal?: AbortSignal): Promise<Uint8Array[]> {
    signal?.throwIfAborted();
    return Promise.all(digests.map((digest) => this.get(digest)));
  }

  lend(digests: readonly Digest[], take: LendBlocks, signal?: AbortSignal): Promise<void> {
    return lendOneByOne(this, digests, take, signal);
  }
}
