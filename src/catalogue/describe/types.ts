import type { ByteName } from '../../base/names.ts';
import type { FileKind } from '../../sys/stat.ts';
import type { Owner } from '../owners/types.ts';
import type { NodeId } from '../types.ts';

/**
 * Where a description comes from, in the order in which they are shown: what people wrote stands before what was found, and that before
 * what a model made up.
 */
export const DESCRIPTION_SOURCES = ['written', 'owner', 'manual', 'type', 'generated'] as const;
export type DescriptionSource = (typeof DESCRIPTION_SOURCES)[number];

export interface Description {
  readonly source: DescriptionSource;
  /** One line without control characters. */
  readonly text: string;
}

/** What is to be described. */
export interface Subject {
  /** Absolute. */
  readonly path: ByteName;
  readonly kind: FileKind;
  /** Undefined outside of all roots. */
  readonly node: NodeId | undefined;
  /** Who owns it (`ownerOfPath`): a package's summary is its comment. */
  readonly owner: Owner | undefined;
  /** Of the content, as a binary multihash; undefined while it is not known. */
  readonly digest: Uint8Array | undefined;
  readonly sizeBytes: number;
  /** The first bytes of a file, 4 KiB or more if there are as many; undefined where they cannot be read. */
  readonly head: Uint8Array | undefined;
}
