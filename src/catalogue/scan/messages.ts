import type { END } from '../../base/endable-thread.ts';
import type { ByteName } from '../../base/names.ts';
import type { HalfSipKey } from '../../hash/half-sip-hash.ts';
import type { SharedWatcher } from '../../sys/watch/types.ts';
import type { Listing } from '../write/listing-sum.ts';

/** What a scanning thread is started with. */
export interface ScanWorkerData {
  /** A PauseFlag's memory (see flow.ts). */
  readonly flow: SharedArrayBuffer;
  /** Where directories have to be marked before they are listed. */
  readonly watcher: SharedWatcher | undefined;
  /** Directories that are never entered: `device:inode` of Varve's own. */
  readonly own: readonly string[];
  /** Of the listings of this catalogue. */
  readonly listingKey: HalfSipKey;
  /** A batch is sent when it holds so much; undefined for what is best. */
  readonly batchBytes: number | undefined;
}

/** A directory to be listed, with everything below it unless it is shallow. */
export interface ScanTask {
  readonly task: number;
  readonly path: ByteName;
  readonly recursive: boolean;
  /** Whether the directory is entered if something is mounted on it. Mounts below it are left to whoever has given the task. */
  readonly entersMount: boolean;
}

/** What a scanning thread is told: to do a task, or to end, which it does when it has none. */
export type ScanOrder = ScanTask | typeof END;

/**
 * One directory, listed. Its records stand in the batch from byte `from` to byte `to`: its own first, named `.`, then its entries. Every record of a directory has a number, counted
 * from `firstChild` in the order of the records; a later listing refers to it by that.
 */
export interface ListedDirectory {
  /** 0 for the directory of the task. */
  readonly directory: number;
  readonly from: number;
  readonly to: number;
  readonly firstChild: number;
  /** How many entries it has, and how many of them are directories. */
  readonly entries: number;
  readonly children: number;
  /** What it comes to (ListingSum). */
  readonly listing: Listing;
  /** `monotonicMs` before it was marked and listed. */
  readonly startedMs: number;
  readonly key?: string;
  /** Why no events of it will come, if none will. */
  readonly unwatched?: Unwatched;
}

/**
 * Why a directory is not watched, or not well: the kernel allows no more marks, its file system cannot be watched, or what tells of changes does not tell when it has lost some. `call` is what
 * said so.
 */
export interface Unwatched {
  readonly reason: 'watch limit' | 'not watchable' | 'loss untold';
  readonly code: string;
  readonly call: string;
}

/** A name that could not be listed or looked at: of a directory itself when `name` is `.`. */
export interface ScanFailure {
  readonly directory: number;
  readonly name: ByteName;
  readonly code: string;
  readonly call: string;
  /** `monotonicMs` before that was tried. */
  readonly startedMs: number;
}

export type ScanReply = {
  readonly type: 'listed';
  readonly task: number;
  readonly records: Uint8Array<ArrayBuffer>;
  readonly directories: readonly ListedDirectory[];
  readonly failures: readonly ScanFailure[];
  /** Directories on which something is mounted, by their numbers: they were not listed, and have a task of their own if they are to be. */
  readonly mounts: readonly number[];
  /** Directories that were not where they should be, by their numbers. */
  readonly missing: readonly number[];
  /** Directories that this thread leaves to others, by their numbers: they have their own task when they come back. */
  readonly spare: readonly number[];
  readonly isLast: boolean;
};
