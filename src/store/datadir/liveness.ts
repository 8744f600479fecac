import type { Digest } from '../../hash/types.ts';

/**
 * What the collector has to be told by those who know what blocks mean. `mark` is called with the pins of sessions, after those were listed: it adds to the marked
 * everything that they and the archives, *as they are now*, refer to. It throws when that cannot be known for certain.
 */
export interface Liveness {
  mark(pins: readonly Digest[]): Promise<void>;
  isLive(hash: Uint8Array): boolean;
  /** Whether a block that lives refers to others. */
  isInner(hash: Uint8Array): boolean;
  /** The first KEY_BYTES of the hash of everything that is marked; a view that is valid until the next one. */
  marked(): Iterable<Uint8Array>;
}
