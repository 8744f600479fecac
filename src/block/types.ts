import type { Digest } from '../hash/types.ts';

/**
 * A ref says how to get a sequence of bytes (S8). `size` is the length of that sequence.
 *
 * - `block`: the bytes are the block `digest`.
 * - `tree`: `digest` names an indirect block: a list of refs whose sequences follow one another; `depth` ≥ 1 is the number of
 *   indirect levels above the leaves (1: every child is a leaf ref).
 * - `run`: `size` times the byte `byte`; `hole` says that it was a hole of a sparse file and should be one again (then `byte` is 0).
 * - `literal`: the bytes themselves, at most LITERAL_MAX_BYTES (limits.ts), used when a block would cost more than it holds.
 * - `slice`: `size` bytes of `of`, from `offset` on. A slice of anything else is written as what it amounts to (see slice.ts).
 *
 * Every kind but `tree` and a slice of one is a leaf: it needs no other block than its own.
 */
export type Ref = BlockRef | TreeRef | RunRef | LiteralRef | SliceRef;

/** A ref that needs no indirect block. Only leaves stand in the lowest indirect blocks. */
export type LeafRef = BlockRef | RunRef | LiteralRef | LeafSlice;

export interface BlockRef {
  readonly kind: 'block';
  readonly digest: Digest;
  readonly size: number;
}
export interface TreeRef {
  readonly kind: 'tree';
  readonly digest: Digest;
  readonly size: number;
  readonly depth: number;
}
export interface RunRef {
  readonly kind: 'run';
  readonly byte: number;
  readonly size: number;
  readonly hole: boolean;
}
export interface LiteralRef {
  readonly kind: 'literal';
  readonly bytes: Uint8Array;
  readonly size: number;
}
export interface SliceRef {
  readonly kind: 'slice';
  readonly of: BlockRef | TreeRef;
  readonly offset: number;
  readonly size: number;
}

/** A slice of one block. */
export type LeafSlice = SliceRef & { readonly of: BlockRef };

/**
 * Where encoders hand their blocks: names the block and sees to it that it reaches a store before the commit point of the work in hand. The
 * bytes are the callee's from then on. Synchronous, since a digest needs nothing but the bytes; see BlockBatch for the usual one.
 */
export type EmitBlock = (bytes: Uint8Array) => Digest;

/** Where blocks come from, as far as refs need to know. What it returns is verified, and must not be changed. */
export interface BlockSource {
  get(digest: Digest, signal?: AbortSignal): Promise<Uint8Array>;
  /** Same order as asked. Sources answer in the order that suits them inside; all or the first error. */
  getBatch(digests: readonly Digest[], signal?: AbortSignal): Promise<Uint8Array[]>;
  /** Hands the blocks over in the order asked, without copying them where the source can. Everything, or the first error; what was handed over before it is sound. */
  lend(digests: readonly Digest[], take: LendBlocks, signal?: AbortSignal): Promise<void>;
}

/**
 * Takes blocks that stand side by side in memory: number `first` of those asked for and the next ones, `ends[i]` being where the i-th of them ends in `bytes`. They may
 * be read until it returns. What it throws ends the lending.
 */
export type LendBlocks = (first: number, bytes: Uint8Array, ends: readonly number[]) => void;

/**
 * What blocks hold, which decides how they are kept. `content`: of files. `bulk`: content of which there is much, so that speed counts for more than the last byte of space.
 * `inner`: what refers to other blocks; such are kept by themselves, so that whoever follows trees reads no content.
 */
export type BlockUse = 'content' | 'bulk' | 'inner';

/** Where blocks go. The bytes belong to the caller again once the promise is settled. */
export interface BlockSink {
  add(bytes: Uint8Array): Promise<Digest>;
  /** One digest for each block, in the order given; `content` unless said otherwise. */
  addBatch(blocks: readonly Uint8Array[], use?: BlockUse): Promise<Digest[]>;
}
