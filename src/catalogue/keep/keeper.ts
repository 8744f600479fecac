import os from 'node:os';
import { WorkerPool } from '../../base/worker-pool.ts';
import { DEFAULT_BOUNDS } from '../../chunk/default-bounds.ts';
import { blake3 } from '../../hash/blake3.ts';
import type { Digest } from '../../hash/types.ts';
import { shareStore } from '../../store/share.ts';
import type { Store } from '../../store/types.ts';
import { SIGNATURE_BYTES } from '../../sys/stat.ts';
import { Generation } from './generation.ts';
import { HashRunner } from './hash-runner.ts';
import { KeptVersions } from './kept-versions.ts';
import type { HashBatch, KeepReply, KeepRequest, KeepWorkerData } from './messages.ts';
import { isStopped } from './pace.ts';
import { type PackedAnswers, unpackAnswers } from './packed-answers.ts';
import { OwnStore } from './stores.ts';
import { Throttle } from './throttle.ts';
import type { FileAnswer, KeptContent, LiveFile } from './types.ts';

/** Each takes some 25 MiB. More cores are no reason for more of them: what is read in the background is not to be felt. */
const MOST_THREADS = 2;

export interface KeeperOptions {
  /** Where contents are kept, and whose hash all digests are of. Nobody else adds to this instance meanwhile. Without it contents are hashed alone, by BLAKE3. */
  readonly store?: Store;
  /** Default: one a core, and two at the most. A store that lives in one thread only is served by the caller's. */
  readonly threads?: number;
  /** How much is read a second, by all threads together; default: without a bound. */
  readonly bytesPerSecond?: number;
  /** Whether the threads let everybody else go first, at the processor and the disk; default true. */
  readonly isIdle?: boolean;
}

/**
 * Hashes files of live trees, and keeps the contents of those whose owner wants it (C6, C8): each file is read once, which gives its digest, its blocks and their storage.
 *
 * A kept content may be relied upon when `commit` has returned it, not before: until then its blocks need not be durable, and nothing tells the collector of them. The order of a
 * commit: all threads flush; then the contents are entered in the archive of versions, which is *the* commit point; then the hold under which they were found ends.
 *
 * Calls may overlap. When the store fails, or a thread dies, calls reject from then on: close the keeper and open another; what was not committed has to be asked for again.
 */
export class Keeper {
  readonly #store: Store | undefined;
  readonly #versions: KeptVersions | undefined;
  readonly #workers: WorkerPool<KeepRequest, KeepReply>;
  readonly #hasThreads: boolean;
  readonly #throttle = new Throttle();
  /** Those whose hold lasts. The last one takes new batches, unless a commit has begun since. */
  readonly #generations = new Set<Generation>();
  /** One that is at its end, whose memory the next one may have. */
  #ended: Generation | undefined;
  #current: { readonly generation: Generation; readonly begun: Promise<void> } | undefined;
  #nextNumber = 1;
  /** A batch that kept contents has failed. Another may have taken for stored what it claimed to store, so nothing is committed any more. */
  #failure: { readonly error: unknown } | undefined;
  /** Holds and entries of contents follow one another: a hold gives up what a store that has failed could not write. */
  #storeWork: Promise<unknown> = Promise.resolve();

  constructor(options: KeeperOptions = {}) {
    const { store, threads = Math.min(MOST_THREADS, os.availableParallelism()), isIdle = true } = options;
    const hash = store?.hash ?? blake3;
    const chunking = store?.chunking ?? DEFAULT_BOUNDS;
    this.#store = store;
    this.#versions = store && new KeptVersions(store);
    this.#throttle.bytesPerSecond = options.bytesPerSecond;
    const isShared = store === undefined || shareStore(store, 'reading') !== undefined;
    const limit = isShared ? threads : 0;
    this.#hasThreads = limit > 0;
    const data: KeepWorkerData = { hash: hash.name, chunking, throttle: this.#throttle.memory, isIdle };
    let runner: HashRunner | undefined;
    const own = {
      handle: (request: KeepRequest) => {
        runner ??= new HashRunner({ hash, chunking, throttle: this.#throttle, stores: new OwnStore(store) });
        return runner.answer(request);
      },
      takes: () => true,
    };
    const url = new URL(`./keep-worker${import.meta.url.slice(-3)}`, import.meta.url);
    this.#workers = new WorkerPool(limit, url, data, limit === 0 ? own : undefined);
  }

  /** Undefined for no bound. Counts from the next read on. */
  set bytesPerSecond(rate: number | undefined) {
    this.#throttle.bytesPerSecond = rate;
  }

  /** Resolves when another batch would be begun soon: whoever waits for this before each batch keeps what is under way bounded. */
  ready(): Promise<void> {
    return this.#workers.ready();
  }

  /**
   * One answer for each file, in order. A batch is done by one thread: some hundred files or a few megabytes are a good size, and a large file one of its own. Rejects with the
   * signal's reason when aborted, at the next slab of a file; nothing of the batch is kept then.
   */
  async hash(files: readonly LiveFile[], signal?: AbortSignal): Promise<FileAnswer[]> {
    signal?.throwIfAborted();
    this.#check();
    const generation = files.some(({ keep }) => keep) ? await this.#join() : undefined;
    const stop = new SharedArrayBuffer(4);
    const onAbort = () => tellToStop(stop);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      const answers = await this.#request(batchOf(files, generation, stop));
      generation?.contents.push(...answers.flatMap(keptIn));
      return answers;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      if (generation !== undefined) generation.underWay--;
    }
  }

  async #request(batch: HashBatch): Promise<FileAnswer[]> {
    try {
      const reply = await this.#workers.request({ type: 'files', batch });
      return unpackAnswers((reply as { answers: PackedAnswers }).answers);
    } catch (error) {
      if (batch.place !== undefined && !isStopped(error)) this.#failure ??= { error };
      throw error;
    }
  }

  /**
   * Makes durable what batches that were answered have kept, and protects it from collection from then on; returns it, with the refs that are protected: not those of the answers where an equal content
   * was kept with another one. Does not wait for batches under way. When it rejects nothing is acknowledged, and it may be tried again.
   */
  commit(): Promise<readonly KeptContent[]> {
    return this.#inTurn(() => this.#commit());
  }

  async #commit(): Promise<readonly KeptContent[]> {
    this.#check();
    const before = [...this.#generations].map((generation) => ({ generation, count: generation.contents.length }));
    // Later batches begin a generation of their own, so that this one ends.
    this.#current = undefined;
    let contents: readonly KeptContent[] = before.flatMap(({ generation }) => generation.contents);
    if (contents.length > 0) {
      await this.#store?.flush();
      await this.#workers.requestAll({ type: 'flush' });
      // Of a batch that failed before its thread flushed, one has heard by now.
      this.#check();
      contents = (await this.#versions?.add(contents)) ?? contents;
    }
    for (const { generation, count } of before) {
      generation.contents.splice(0, count);
      if (!generation.isDone) continue;
      this.#generations.delete(generation);
      await generation.end();
      this.#ended = generation;
    }
    return contents;
  }

  /**
   * Contents that nobody needs any more: the collector may have them when this resolves. None of them may have been kept by a batch whose content the caller has
   * not written down yet.
   */
  release(digests: readonly Digest[]): Promise<void> {
    return this.#inTurn(async () => this.#versions?.remove(digests));
  }

  /** Rejects when the store cannot be added to. */
  probe(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#store === undefined) return;
      const generation = new Generation(this.#store, this.#nextNumber++);
      await generation.begin(false, undefined);
      await generation.end();
    });
  }

  /** Ends the threads and gives up what they have in hand, and whatever is not committed. The store stays open. */
  async close(): Promise<void> {
    await this.#workers.close();
    await this.#inTurn(async () => {
      const generations = [...this.#generations];
      this.#generations.clear();
      await Promise.all(generations.map((generation) => generation.end()));
    });
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The generation of a new batch, which counts as under way from now on. */
  async #join(): Promise<Generation> {
    this.#current ??= this.#begin();
    const { generation, begun } = this.#current;
    generation.underWay++;
    try {
      await begun;
    } catch (error) {
      generation.underWay--;
      throw error;
    }
    return generation;
  }

  #begin(): { readonly generation: Generation; readonly begun: Promise<void> } {
    if (this.#store === undefined) throw new TypeError('no store to keep contents in');
    const generation = new Generation(this.#store, this.#nextNumber++);
    this.#generations.add(generation);
    const begun = this.#inTurn(() => {
      const earlier = this.#ended;
      this.#ended = undefined;
      return generation.begin(this.#hasThreads, earlier);
    });
    begun.catch(() => {
      this.#generations.delete(generation);
      if (this.#current?.generation === generation) this.#current = undefined;
    });
    return { generation, begun };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#storeWork.then(work);
    this.#storeWork = done.catch(() => undefined);
    return done;
  }
}

function batchOf(files: readonly LiveFile[], generation: Generation | undefined, stop: SharedArrayBuffer): HashBatch {
  const signatures = new Uint8Array(files.length * SIGNATURE_BYTES);
  for (const [i, { signature }] of files.entries()) signatures.set(signature, i * SIGNATURE_BYTES);
  return {
    directories: files.map(({ directory }) => directory),
    names: files.map(({ name }) => name),
    signatures,
    keep: Uint8Array.from(files, ({ keep }) => Number(keep)),
    place: generation && { generation: generation.number, store: generation.shared },
    stop,
  };
}

function tellToStop(stop: SharedArrayBuffer): void {
  const word = new Int32Array(stop);
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
}

function keptIn(answer: FileAnswer): KeptContent[] {
  return answer.kind === 'hashed' && answer.ref !== undefined ? [{ digest: answer.digest, size: answer.size, ref: answer.ref }] : [];
}
