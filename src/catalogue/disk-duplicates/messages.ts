import type { ByteName } from '../../base/names.ts';

/** Files by folder, packed so that another thread gets them at once. */
export interface PackedFiles {
  readonly folders: readonly ByteName[];
  /** How many files of each folder follow. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** All names, with a slash between. */
  readonly names: string;
  readonly sizes: Float64Array<ArrayBuffer>;
}

/** What a thread is asked: to list all files below folders, or for fingerprints of files, of their ends alone or of all. */
export type DiskRequest =
  | { readonly kind: 'list'; readonly folders: readonly ByteName[]; readonly minBytes: number }
  | { readonly kind: 'ends' | 'whole'; readonly files: PackedFiles };

export type DiskReply = ListReply | FingerprintReply;

export interface ListReply {
  readonly files: PackedFiles;
  readonly devices: Float64Array<ArrayBuffer>;
  readonly inodes: BigUint64Array<ArrayBuffer>;
  readonly failures: readonly DiskFailure[];
}

export interface FingerprintReply {
  /** FINGERPRINT_BYTES for each file; all zero for one that could not be read, or whose size has changed. */
  readonly fingerprints: Uint8Array<ArrayBuffer>;
  readonly failures: readonly DiskFailure[];
}

/** Something that could not be listed or read. */
export interface DiskFailure {
  readonly path: ByteName;
  readonly code: string;
  readonly message: string;
}

export const FINGERPRINT_BYTES = 32;
