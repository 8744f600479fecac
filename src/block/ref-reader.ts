import { FormatError } from '../base/errors.ts';
import { digestToText } from '../hash/digest.ts';
import type { Digest } from '../hash/types.ts';
import type { IndirectBlock } from './indirect-block.ts';
import { IndirectCache } from './indirect-cache.ts';
import { cachedLeaf, type Leaf, leavesOf } from './leaves.ts';
import type { BlockRef, BlockSource, LeafRef, Ref, TreeRef } from './types.ts';

export interface RefReaderOptions {
  /** Memory for decoded indirect blocks. */
  readonly cacheBytes?: number;
}

export interface RangeOptions {
  /** Where to begin; 0 when left out. */
  readonly offset?: number;
  /** How many bytes at most; to the end when left out. */
  readonly length?: number;
  readonly signal?: AbortSignal;
}

const DEFAULT_CACHE_BYTES = 32 << 20;
/** One batch of read-ahead ends at either. Two are in memory: the one being consumed and the one being fetched. */
const BATCH_LEAVES = 32;
const BATCH_BYTES = 2 << 20;
/** Runs are delivered in pieces of this size at most, all views of one buffer. */
const RUN_BYTES = 256 << 10;

/**
 * Reads the sequences that refs stand for (S9, S10). Any number of reads may be under way. Offsets beyond the end give nothing; no range is
 * an error. What is returned or delivered may be a view of a block or of another piece: it must not be changed. Errors: FormatError where
 * blocks are not what their refs say; else those of the source; else the signal's reason.
 */
export class RefReader {
  readonly #source: BlockSource;
  readonly #cache: IndirectCache;

  constructor(source: BlockSource, options: RefReaderOptions = {}) {
    this.#source = source;
    this.#cache = new IndirectCache(source, options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  }

  /** The pieces of the sequence, in batches, in order; none is longer than its block. Fetches indirect blocks only. */
  leaves(ref: Ref, range: RangeOptions = {}): AsyncGenerator<Leaf[]> {
    const { from, to } = clip(ref, range);
    return leavesOf(this.#cache, ref, from, to, range.signal);
  }

  /** What an indirect block refers to, for walks that want to know whole subtrees by their digests. */
  async children(ref: TreeRef, signal?: AbortSignal): Promise<readonly Ref[]> {
    const [block] = await this.#cache.load([ref], signal);
    return (block as IndirectBlock).children;
  }

  /** Bytes `offset` to `offset + length`; fewer at the end. The first time it costs O(log n) blocks, later the content alone. */
  async read(ref: Ref, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { from, to } = clip(ref, { offset, length });
    const leaf = from < to ? cachedLeaf(this.#cache, ref, from, to) : undefined;
    if (leaf) {
      const block = blockOfLeaf(leaf);
      return bytesOfLeaf(leaf, block && (await this.#source.get(block.digest, signal)));
    }
    const pieces: Uint8Array[] = [];
    for await (const leaves of leavesOf(this.#cache, ref, from, to, signal)) {
      const blocks = await this.#fetch(leaves, signal);
      for (const [i, leaf] of leaves.entries()) pieces.push(bytesOfLeaf(leaf.ref, blocks[i]));
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces, to - from);
  }

  /**
   * The sequence piece by piece. While the consumer has one batch of blocks in hand the next is being fetched, and none beyond it; nothing
   * more is fetched once the consumer stops or the signal is aborted.
   */
  async *stream(ref: Ref, range: RangeOptions = {}): AsyncGenerator<Uint8Array> {
    const abandoned = new AbortController();
    const signal = range.signal ? AbortSignal.any([range.signal, abandoned.signal]) : abandoned.signal;
    const batches = inBatches(this.leaves(ref, { ...range, signal }));
    const fetchNext = async () => {
      const { value: leaves } = await batches.next();
      return leaves && { leaves, blocks: await this.#fetch(leaves, signal) };
    };
    try {
      for (let next = fetchNext(); ; ) {
        const batch = await next;
        range.signal?.throwIfAborted();
        if (!batch) return;
        next = fetchNext();
        // Its failure is thrown when it is awaited; until then, or if it never is, it must not count as unhandled.
        next.catch(() => {});
        for (const [i, leaf] of batch.leaves.entries()) yield* piecesOfLeaf(leaf.ref, batch.blocks[i]);
      }
    } finally {
      abandoned.abort();
    }
  }

  /** The blocks that the leaves need, each in the place of its leaf. */
  async #fetch(leaves: readonly Leaf[], signal?: AbortSignal): Promise<(Uint8Array | undefined)[]> {
    const digests: Digest[] = [];
    for (const { ref } of leaves) {
      const block = blockOfLeaf(ref);
      if (block) digests.push(block.digest);
    }
    if (digests.length === 0) return [];
    const blocks = await this.#source.getBatch(digests, signal);
    let next = 0;
    return leaves.map(({ ref }) => (blockOfLeaf(ref) ? blocks[next++] : undefined));
  }
}

/** The block that a leaf is, or is a part of. */
export function blockOfLeaf(ref: LeafRef): BlockRef | undefined {
  return ref.kind === 'block' ? ref : ref.kind === 'slice' ? ref.of : undefined;
}

/** The bytes of a leaf, given the block it needs. Throws FormatError when the block has another length than the leaf says. */
export function bytesOfLeaf(ref: LeafRef, block: Uint8Array | undefined): Uint8Array {
  if (ref.kind === 'literal') return ref.bytes;
  if (ref.kind === 'run') return Buffer.alloc(ref.size, ref.byte);
  const whole = ref.kind === 'slice' ? ref.of : ref;
  if (block?.length !== whole.size) {
    throw new FormatError('ref', `block ${digestToText(whole.digest)} has ${block?.length} bytes, expected ${whole.size}`);
  }
  return ref.kind === 'slice' ? block.subarray(ref.offset, ref.offset + ref.size) : block;
}

function* piecesOfLeaf(ref: LeafRef, block: Uint8Array | undefined): Generator<Uint8Array> {
  if (ref.kind !== 'run') {
    yield bytesOfLeaf(ref, block);
    return;
  }
  const piece = Buffer.alloc(Math.min(ref.size, RUN_BYTES), ref.byte);
  for (let left = ref.size; left > 0; left -= piece.length) yield left < piece.length ? piece.subarray(0, left) : piece;
}

function clip(ref: Ref, { offset = 0, length = Number.POSITIVE_INFINITY }: RangeOptions): { from: number; to: number } {
  const from = Math.min(Math.max(offset, 0), ref.size);
  return { from, to: from + Math.max(0, Math.min(length, ref.size - from)) };
}

async function* inBatches(leaves: AsyncIterable<Leaf[]>): AsyncGenerator<Leaf[]> {
  for await (const some of leaves) {
    let start = 0;
    let bytes = 0;
    for (const [i, { ref }] of some.entries()) {
      bytes += blockOfLeaf(ref)?.size ?? 0;
      if (i + 1 - start < BATCH_LEAVES && bytes < BATCH_BYTES) continue;
      yield some.slice(start, i + 1);
      start = i + 1;
      bytes = 0;
    }
    if (start < some.length) yield some.slice(start);
  }
}
