import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { Keeper } from './keeper.ts';
import type { FileAnswer, KeptContent, LiveFile } from './types.ts';

/** As much is read by the thread that asks: a few milliseconds. */
const SMALL_BYTES = 512 << 10;
const SMALL_FILES = 64;
/** Threads that have had nothing to do for so long are ended: each takes some tens of megabytes, and is started again in 0.1 s. */
const REST_MS = 5000;

export interface KeepersOptions {
  /** Opens the store once more; undefined where contents are hashed alone. */
  readonly openStore: (() => Store) | undefined;
  readonly threads?: number;
  readonly bytesPerSecond?: number;
}

/** A keeper with the store that it alone adds to. */
interface Opened {
  readonly keeper: Keeper;
  readonly store: Store | undefined;
}

/**
 * Who reads: a keeper without threads for the few files that change day by day, and one with threads for much work, which is there as long as there is some. So a daemon at rest
 * has no thread for this.
 */
export class Keepers {
  readonly #options: KeepersOptions;
  #small: Opened | undefined;
  #large: Opened | undefined;
  #rest: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: KeepersOptions) {
    this.#options = options;
  }

  /** Resolves when another batch of that size would be begun soon. */
  async ready(files: readonly LiveFile[], bytes: number): Promise<void> {
    await this.#for(files, bytes).ready();
  }

  /** See `Keeper.hash`. `bytes`: how long the files are together. */
  hash(files: readonly LiveFile[], bytes: number, signal: AbortSignal): Promise<FileAnswer[]> {
    return this.#for(files, bytes).hash(files, signal);
  }

  /** Makes durable what was answered before, and returns it: see `Keeper.commit`. */
  async commit(): Promise<readonly KeptContent[]> {
    const small = await this.#small?.keeper.commit();
    const large = await this.#large?.keeper.commit();
    return [...(small ?? []), ...(large ?? [])];
  }

  /** Rejects when the store cannot be added to. */
  async probe(): Promise<void> {
    this.#small ??= this.#open(0);
    await this.#small.keeper.probe();
  }

  /** See `Keeper.release`. */
  release(digests: readonly Digest[]): Promise<void> {
    this.#small ??= this.#open(0);
    return this.#small.keeper.release(digests);
  }

  /** There is nothing to do for now, and everything is committed. */
  rest(): void {
    if (this.#large === undefined || this.#rest !== undefined || this.#isClosed) return;
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      const large = this.#large;
      this.#large = undefined;
      void close(large);
    }, REST_MS);
  }

  /** Gives up whatever is not committed; whoever asks next has the store opened anew. For a store that has failed. */
  async reset(): Promise<void> {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    const opened = [this.#small, this.#large];
    this.#small = undefined;
    this.#large = undefined;
    for (const each of opened) await close(each);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#rest);
    await Promise.all([close(this.#small), close(this.#large)]);
  }

  #for(files: readonly LiveFile[], bytes: number): Keeper {
    if (this.#large === undefined && files.length <= SMALL_FILES && bytes <= SMALL_BYTES) {
      this.#small ??= this.#open(0);
      return this.#small.keeper;
    }
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#large ??= this.#open(this.#options.threads);
    return this.#large.keeper;
  }

  #open(threads: number | undefined): Opened {
    const { openStore, bytesPerSecond } = this.#options;
    const store = openStore?.();
    const keeper = new Keeper({
      ...(store !== undefined && { store }),
      ...(threads !== undefined && { threads }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      // Without threads it is the catalogue's own that reads, which others wait for.
      isIdle: threads !== 0,
    });
    return { keeper, store };
  }
}

/** Nothing in it is relied upon that is not committed; so it is of no concern that a store which has failed may fail once more. */
async function close(opened: Opened | undefined): Promise<void> {
  await opened?.keeper.close().catch(() => undefined);
  await opened?.store?.close().catch(() => undefined);
}
