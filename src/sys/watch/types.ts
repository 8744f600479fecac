import type { ByteName } from '../../base/names.ts';
import type { Directory } from '../types.ts';

/**
 * What tells of changes in directories. Events say *look here*: which directory, which name; what happened there is found out by a fresh stat.
 *
 * - `fanotify`: whole file systems, one mark each, with process ids. Needs CAP_SYS_ADMIN, and CAP_DAC_READ_SEARCH to open directories by handle.
 * - `fanotify-marks`: the same events, a mark a directory, for everybody (Linux 5.13), without process ids.
 * - `inotify`: a watch a directory, for everybody; a rename comes as two halves.
 */
export type WatcherKind = 'fanotify' | 'fanotify-marks' | 'inotify';

/** Which directory an event is about, the same for each event of it while the watcher lives: a file handle or a watch number, as a short string. */
export type DirectoryKey = string & { readonly __directoryKey: unique symbol };

export interface WatchEvent {
  readonly directory: DirectoryKey;
  /** The entry of it that changed; `.` when it is the directory itself (its attributes, or that it has gone). */
  readonly name: ByteName;
  /** Of a rename that was reported whole: where it went. */
  readonly to?: { readonly directory: DirectoryKey; readonly name: ByteName };
  /** Whether content may have changed while nobody can tell from the stat yet (a file was modified and is still open). */
  readonly isOpen: boolean;
  /** Who did it, where the kernel says; 0 otherwise. */
  readonly pid: number;
}

export interface WatchBatch {
  readonly events: readonly WatchEvent[];
  /** Events were lost: everything that is watched has to be compared anew. */
  readonly overflowed: boolean;
  /** Marks that are gone because their directory was deleted, or its file system unmounted. */
  readonly lost: readonly DirectoryKey[];
}

/**
 * A queue of the kernel. One thread reads; others may `mark`, `unmark` and `wake` meanwhile, through an object of their own (`share`, `watcherFromShared`).
 * Errors: SystemError; ENOSPC from `mark` when the kernel's limit of watches is reached.
 */
export interface Watcher extends Disposable {
  readonly kind: WatcherKind;
  /** Whether every directory has to be marked; else only one of each file system. */
  readonly marksDirectories: boolean;

  /** Begins to watch: this directory's names, or its whole file system. Marking twice changes nothing and gives the same key. */
  mark(directory: Directory): DirectoryKey;
  unmark(key: DirectoryKey): void;
  /** The key that events of a directory bear, without marking it. Undefined where only marking tells it. */
  keyOf(directory: Directory): DirectoryKey | undefined;
  /** The directory of a key, wherever it is now; undefined when it is gone, or this kind cannot tell. */
  open(key: DirectoryKey): Directory | undefined;

  /** Waits until there are events, `wake` was called, or the time is over (undefined: never). Blocks its thread. */
  read(timeoutMs?: number): WatchBatch;
  /** Makes the `read` that waits, or the next one, return. */
  wake(): void;

  /** What another thread of this process makes a watcher of the same queue from. Valid until `close` of the one that was opened. */
  share(): SharedWatcher;
  close(): void;
}

export interface SharedWatcher {
  readonly kind: WatcherKind;
  readonly descriptors: readonly number[];
}
