import type { EmitBlock } from '../../block/types.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';

/** Gathers blocks for a store and brings them there in batches; whoever gave a block is told its digest. */
export class Gatherer {
  readonly #store: Store;
  #bulk = false;
  #blocks: Uint8Array[] = [];
  #inner: Uint8Array[] = [];
  #listeners: ((digest: Digest) => void)[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Says whether what is gathered from now on is part of a large file; what was gathered before is settled. */
  async setBulk(bulk: boolean): Promise<void> {
    if (bulk !== this.#bulk) await this.settle();
    this.#bulk = bulk;
  }

  /** `bytes` must stay as they are until `settle` has resolved. */
  add(bytes: Uint8Array, onDigest: (digest: Digest) => void): void {
    this.#blocks.push(bytes);
    this.#listeners.push(onDigest);
  }

  /** For encoders of inner blocks, which need the digest at once; the bytes are the gatherer's from then on. */
  readonly emit: EmitBlock = (bytes) => {
    this.#inner.push(bytes);
    return this.#store.hash.hash(bytes);
  };

  /** Resolves when everything gathered is in the store, and its listeners were told. */
  async settle(): Promise<void> {
    const inner = this.#inner;
    this.#inner = [];
    if (inner.length > 0) await this.#store.addBatch(inner, 'inner');
    if (this.#blocks.length === 0) return;
    const blocks = this.#blocks;
    const listeners = this.#listeners;
    this.#blocks = [];
    this.#listeners = [];
    const digests = await this.#store.addBatch(blocks, this.#bulk ? 'bulk' : 'content');
    for (let i = 0; i < digests.length; i++) (listeners[i] as (digest: Digest) => void)(digests[i] as Digest);
  }
}
