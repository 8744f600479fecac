import { assertAddable, type SharedStore, shareStore } from '../../store/share.ts';
import type { Hold, Store } from '../../store/types.ts';
import type { KeptContent } from './types.ts';

/**
 * The batches that keep contents under one hold of the store. The hold begins before any of them looks for a block, and ends when everything they have kept is entered in an
 * archive: so what they found is not collected. Since somebody always hashes, generations overlap; each comes to its end, and lets the collector go on.
 */
export class Generation {
  readonly number: number;
  readonly #store: Store;
  #hold: Hold | undefined;
  /** Given to threads, so that they deduplicate against each other; undefined where there are none, or the store lives in one thread. */
  shared: SharedStore | undefined;
  /** Batches that were begun and not answered. */
  underWay = 0;
  /** Kept, and not entered yet. */
  readonly contents: KeptContent[] = [];

  constructor(store: Store, number: number) {
    this.#store = store;
    this.number = number;
  }

  /** Rejects when the store cannot be added to. The store is shared with other threads where there are some, by the memory of a generation that is at its `end`, if one is given. */
  async begin(isShared: boolean, earlier: Generation | undefined): Promise<void> {
    this.#hold = await this.#store.hold();
    try {
      if (isShared) this.shared = shareStore(this.#store, 'adding', earlier?.shared);
      else assertAddable(this.#store);
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Whether nothing is left that the hold protects. */
  get isDone(): boolean {
    return this.underWay === 0 && this.contents.length === 0;
  }

  async end(): Promise<void> {
    await this.#hold?.release();
  }
}
