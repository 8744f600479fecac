import type { ByteName } from '../../base/names.ts';

/** Files by folder, packed so that another thread gets them at once: no object for each, and no string. */
export interface PackedFiles {
  readonly folders: readonly ByteName[];
  /** How many files of each folder follow. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** All names, one behind the other. */
  readonly names: Uint8Array<ArrayBuffer>;
  /** Where each name ends. */
  readonly nameEnds: Uint32Array<ArrayBuffer>;
  readonly sizes: Float64Array<ArrayBuffer>;
}

/** What a thread is asked: to list all files below folders, or to read files, of which only the ends for `ends`. */
export type DiskRequest = {
  /** So many files are fetched at once, where they come from a disk; 0 where each is read when it is opened. */
  readonly ahead: number;
} & (
  | { readonly kind: 'list'; readonly folders: readonly ByteName[]; readonly minBytes: number }
  | { readonly kind: 'ends' | 'whole'; readonly files: PackedFiles }
);

export type DiskReply = ListReply | EndsReply | WholeReply;

export interface ListReply {
  /** Folders that are still to be listed. */
  readonly unlisted: readonly ByteName[];
  readonly files: PackedFiles;
  /** IDENTITY_WORDS for each file: its inode and device, by `Stat.identityWord`. */
  readonly identities: Uint32Array<ArrayBuffer>;
  /** As in EndsReply, of small files alone: they are read while they are at hand. */
  readonly marks: Float64Array<ArrayBuffer>;
  readonly failures: readonly DiskFailure[];
}

export interface EndsReply {
  /** A number of 53 bits for each file, which tells files apart but proves nothing; NaN where there is none, as below. */
  readonly marks: Float64Array<ArrayBuffer>;
  readonly failures: readonly DiskFailure[];
}

export interface WholeReply {
  /** HASH_BYTES for each file; all zero for one that could not be read, or whose size has changed. */
  readonly hashes: Uint8Array<ArrayBuffer>;
  readonly failures: readonly DiskFailure[];
}

/** Something that could not be listed or read. */
export interface DiskFailure {
  readonly path: ByteName;
  readonly code: string;
  readonly message: string;
}

export const IDENTITY_WORDS = 4;
export const HASH_BYTES = 32;
