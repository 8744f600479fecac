import type { Digest } from '../../hash/types.ts';
import type { NodeId } from '../types.ts';

/** A group of duplicates before the paths of its copies are known. */
export interface FoundGroup {
  readonly kind: 'file' | 'directory';
  readonly digest: Digest | Uint8Array;
  /** Of one copy. */
  readonly size: number;
  readonly waste: number;
  /** One for each copy. */
  readonly nodes: readonly NodeId[];
}
