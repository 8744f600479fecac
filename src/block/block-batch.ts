import { VarveError } from '../base/errors.ts';
import { digestsEqual, digestToText } from '../hash/digest.ts';
import type { Digest, HashAlgorithm } from '../hash/types.ts';
import type { BlockSink, EmitBlock } from './types.ts';

const DEFAULT_LIMIT_BYTES = 1 << 20;

/**
 * Names blocks at once and brings them to a sink in batches: what encoders need for their synchronous `emit`. What they encode are inner blocks.
 *
 * The owner calls `flush` whenever `full` says so, which bounds memory, and once at the end. Flushes follow one another; a block counts as
 * stored only when the flush after its emission has resolved.
 */
export class BlockBatch {
  readonly #sink: BlockSink;
  readonly #hash: HashAlgorithm;
  readonly #limitBytes: number;
  #blocks: Uint8Array[] = [];
  #digests: Digest[] = [];
  #pendingBytes = 0;
  #flushed: Promise<void> = Promise.resolve();

  /** `hash` must be the algorithm by which `sink` names its blocks. */
  constructor(sink: BlockSink, hash: HashAlgorithm, limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#sink = sink;
    this.#hash = hash;
    this.#limitBytes = limitBytes;
  }

  readonly emit: EmitBlock = (bytes) => {
    const digest = this.#hash.hash(bytes);
    this.#blocks.push(bytes);
    this.#digests.push(digest);
    this.#pendingBytes += bytes.length;
    return digest;
  };

  get full(): boolean {
    return this.#pendingBytes >= this.#limitBytes;
  }

  /**
   * Adds what is pending; resolves when it and everything before it is in the sink. Rejects with the sink's first error, also ever after.
   */
  flush(): Promise<void> {
    const blocks = this.#blocks;
    const digests = this.#digests;
    this.#blocks = [];
    this.#digests = [];
    this.#pendingBytes = 0;
    if (blocks.length > 0) this.#flushed = this.#flushed.then(() => this.#add(blocks, digests));
    return this.#flushed;
  }

  async #add(blocks: readonly Uint8Array[], digests: readonly Digest[]): Promise<void> {
    const stored = await this.#sink.addBatch(blocks, 'inner');
    digests.forEach((digest, i) => {
      const found = stored[i];
      if (found && digestsEqual(found, digest)) return;
      throw new VarveError(
        'SINK_DISAGREES',
        `the store named a block ${found ? digestToText(found) : 'nothing'}, expected ${digestToText(digest)}`,
      );
    });
  }
}
