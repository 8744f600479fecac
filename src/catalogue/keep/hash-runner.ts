import type { Bounds } from '../../chunk/types.ts';
import type { HashAlgorithm } from '../../hash/types.ts';
import { ContentReader } from '../../tree/save/content-reader.ts';
import { SmallContents } from '../../tree/save/small-contents.ts';
import { BatchWork, type HashTools } from './batch-work.ts';
import { FileHash } from './file-hash.ts';
import type { HashBatch, KeepingPlace, KeepReply, KeepRequest } from './messages.ts';
import { Pace } from './pace.ts';
import { packAnswers } from './packed-answers.ts';
import type { Stores } from './stores.ts';
import type { Throttle } from './throttle.ts';
import type { FileAnswer } from './types.ts';

/** Does what a hashing thread is asked: in one of its own, or in the caller's. Batches must not overlap; a flush may come while one is in work. */
export class HashRunner {
  readonly #throttle: Throttle;
  readonly #stores: Stores;
  readonly #tools: Omit<HashTools, 'keeping'>;
  #keeping: HashTools['keeping'];
  #isAtWork = false;

  constructor(parts: { readonly hash: HashAlgorithm; readonly chunking: Bounds; readonly throttle: Throttle; readonly stores: Stores }) {
    const { hash, chunking } = parts;
    this.#throttle = parts.throttle;
    this.#stores = parts.stores;
    this.#tools = { hash, small: new SmallContents(chunking), fileHash: new FileHash(hash) };
  }

  async answer(request: KeepRequest): Promise<KeepReply> {
    if (request.type === 'files') return { answers: packAnswers(await this.#files(request.batch)) };
    await this.#stores.flush(this.#isAtWork);
    return { flushed: true };
  }

  async #files(batch: HashBatch): Promise<FileAnswer[]> {
    this.#isAtWork = true;
    try {
      const keeping = batch.place && (await this.#keepingAt(batch.place));
      return await new BatchWork(batch, new Pace(this.#throttle, batch.stop), { ...this.#tools, keeping }).run();
    } catch (error) {
      // What was gathered for it is not wanted any more.
      this.#tools.small.takeBlocks();
      this.#keeping = undefined;
      throw error;
    } finally {
      this.#isAtWork = false;
    }
  }

  async #keepingAt(place: KeepingPlace): Promise<HashTools['keeping']> {
    const store = await this.#stores.at(place);
    if (store !== this.#keeping?.store) this.#keeping = { store, contents: new ContentReader(store) };
    return this.#keeping;
  }
}
