/**
 * A digest in memory is its *multihash*: varint code, varint length, hash bytes (34 bytes for BLAKE3). It names its own
 * algorithm, and is what stands in every binary format. Never change the bytes of a digest you were handed.
 */
export type Digest = Uint8Array & { readonly __digest: unique symbol };

/** Streaming state: `update` any number of times, then `digest` once. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Digest;
}

/** One registered algorithm (S1). */
export interface HashAlgorithm {
  /** The name as the multihash table spells it: `blake3`, `sha2-256`, … */
  readonly name: string;
  /** The code of the multihash table. */
  readonly code: number;
  /** Length of the bare hash in bytes, without the multihash prefix. */
  readonly hashBytes: number;
  /** Length of a digest: the multihash prefix and the hash. */
  readonly digestBytes: number;
  /** The digest of `bytes`, in a fresh buffer; `bytes` are only read during the call. */
  hash(bytes: Uint8Array): Digest;
  hasher(): Hasher;
}
