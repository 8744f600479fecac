import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { NodeId } from '../types.ts';

interface FoundCopies {
  readonly digest: Digest | Uint8Array;
  /** Of one copy. */
  readonly size: number;
  readonly waste: number;
}

/** Files with the same content, before their paths are known: a folder and a name for each copy. */
export interface FileGroup extends FoundCopies {
  readonly kind: 'file';
  readonly parents: readonly NodeId[];
  readonly names: readonly ByteName[];
}

/** Folders with the same content, before their paths are known. */
export interface FolderGroup extends FoundCopies {
  readonly kind: 'directory';
  /** One for each copy. */
  readonly nodes: readonly NodeId[];
}

/** A group of duplicates before the paths of its copies are known. */
export type FoundGroup = FileGroup | FolderGroup;
