import type { Digest } from '../hash/types.ts';

/**
 * A ref says how to get a sequence of bytes (S8). `size` is the length of that sequence.
 *
 * - `block`: the bytes are the block `digest`.
 * - `tree`: `digest` names an indirect block: a list of refs whose sequences follow one another; `depth` ≥ 1 is the number of
 *   indirect levels above the leaves (1: every child is a leaf ref).
 * - `run`: `size` times the byte `byte`; `hole` says that it was a hole of a sparse file and should be one again.
 * - `literal`: the bytes themselves, used when they are shorter than a ref would be.
 * - `slice`: `size` bytes of `of`, from `offset` on.
 */
export type Ref = BlockRef | TreeRef | RunRef | LiteralRef | SliceRef;

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
  readonly of: Ref;
  readonly offset: number;
  readonly size: number;
}

/** Where blocks come from, as far as refs need to know. What it returns is verified, and must not be changed. */
export interface BlockSource {
  get(digest: Digest, signal?: AbortSignal): Promise<Uint8Array>;
  /** Same order as asked. Sources answer in the order that suits them inside; all or the first error. */
  getBatch(digests: readonly Digest[], signal?: AbortSignal): Promise<Uint8Array[]>;
}

/** Where blocks go. The bytes belong to the caller again once the promise is settled. */
export interface BlockSink {
  add(bytes: Uint8Array): Promise<Digest>;
  /** One digest for each block, in the order given. */
  addBatch(blocks: readonly Uint8Array[]): Promise<Digest[]>;
}
