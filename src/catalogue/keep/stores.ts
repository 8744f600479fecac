import { openShared } from '../../store/share.ts';
import type { Store } from '../../store/types.ts';
import type { KeepingPlace } from './messages.ts';

/** Where a hashing thread gets the store instance for a batch from. */
export interface Stores {
  /** The instance of that place. Batches come in order of their generations. */
  at(place: KeepingPlace): Promise<Store>;
  /** Makes durable what all instances have been given so far. One that is not `inUse` need not be there any longer. */
  flush(inUse: boolean): Promise<void>;
}

/**
 * The instances of a thread of its own, one after another. Each generation gets a new one: what an older one believes to be in the store was learned under an older hold, and may
 * have been collected since.
 *
 * Once an instance could not be flushed, nothing may be flushed any more: somebody would take its contents for durable.
 */
export class SharedStores implements Stores {
  #current: { readonly generation: number; readonly store: Store } | undefined;
  #failure: { readonly error: unknown } | undefined;

  async at({ generation, store: shared }: KeepingPlace): Promise<Store> {
    if (this.#current?.generation === generation) return this.#current.store;
    if (shared === undefined) throw new TypeError('a store that cannot be shared');
    await this.flush(false);
    const store = openShared(shared);
    // Looks at what is there now.
    await store.hold();
    this.#current = { generation, store };
    return store;
  }

  /** An idle instance is closed, since the next batch will be of another generation, and a segment that somebody has open is not collected. */
  async flush(inUse: boolean): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const store = this.#current?.store;
    if (!inUse) this.#current = undefined;
    try {
      await (inUse ? store?.flush() : store?.close());
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

/** A store that lives in the asking thread alone. */
export class OwnStore implements Stores {
  readonly #store: Store | undefined;

  constructor(store: Store | undefined) {
    this.#store = store;
  }

  async at(): Promise<Store> {
    if (this.#store === undefined) throw new TypeError('no store to keep contents in');
    return this.#store;
  }

  /** Its owner does that. */
  async flush(): Promise<void> {}
}
