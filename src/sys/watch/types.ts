import type { ByteName } from '../../base/names.ts';
import type { Directory } from '../types.ts';

/**
 * What tells of changes in directories. Events say *look here*: which directory, which name; what happened there is found out by a fresh stat.
 *
 * - `fanotify`: whole file systems, one mark each, with process ids. Needs CAP_SYS_ADMIN, and CAP_DAC_READ_SEARCH to open directories by handle.
 * - `fanotify-marks`: the same events, a mark a directory, for everybody (Linux 5.13); process ids for the privileged alone.
 * - `inotify`: a watch a directory, for everybody, without process ids; a rename comes as two halves, joined where both are read at once.
 * - `node`: what Node offers (fs.watch), on every platform: names alone, and of writing only that it went on. Renames come as two places to look at. Events that it
 *   loses, it loses without a word (libuv passes over the kernel's overflow), and of mounts it knows nothing; so whoever uses it compares everything at intervals too.
 *
 * What no kind tells, because the kernel does not: content written through a memory mapping, until the last writer is gone (the close of a file
 * that was open for writing is told, and no modification); a change through one hard link, under the others' names; a change of the access time
 * alone; what other machines do to a network file system, or an NFS server of this one to a file that it opened by handle.
 */
export type WatcherKind = KernelWatcherKind | 'node';
/** Those that read a queue of Linux themselves. */
export type KernelWatcherKind = 'fanotify' | 'fanotify-marks' | 'inotify';

/** Which directory an event is about: a file handle or a watch number, as a short string, the same while the watcher lives; or the path of the directory (`keysFollowMoves`). */
export type DirectoryKey = string & { readonly __directoryKey: unique symbol };

/** All that one reading of the queue told of one name, or one rename. */
export interface WatchEvent {
  readonly directory: DirectoryKey;
  /**
   * The entry of it that changed; `.` when it is the directory itself (its attributes, or that it was moved or deleted). A directory's own attributes
   * come as `.` of its own key with fanotify, also when only its parent is marked; with inotify under its name in a parent that is marked, and as `.`
   * if it is marked too, as with node, which tells of an entry by the directory's own name beside.
   */
  readonly name: ByteName;
  /** Of a rename that was reported whole: where it went. */
  readonly to?: { readonly directory: DirectoryKey; readonly name: ByteName };
  /**
   * Whether a writer may be at it still: content was modified, and no close followed. Only a hint for when to read it: truncate(2) and a change of
   * the modification time count as modifications too, and no close follows those. Node tells of no close.
   */
  readonly isOpen: boolean;
  /** Who did it last, where the kernel says; 0 otherwise. This process's own doings are told like all others. */
  readonly pid: number;
}

export interface WatchBatch {
  /** In the order of their first mention. */
  readonly events: readonly WatchEvent[];
  /** Events were lost: everything that is watched has to be compared anew. */
  readonly overflowed: boolean;
  /**
   * Marks that are gone because their directory was deleted. With inotify also those whose file system was unmounted, and those that `unmark` took off; with node also those whose
   * directory has left its path, with all below, though that path may have been marked anew since.
   */
  readonly lost: readonly DirectoryKey[];
  /**
   * The table of mounts has changed, so what is watched may have been unmounted, or covered. Unmounting takes fanotify's marks away without a word:
   * mark the roots again, by their paths, and compare those that are on another device now.
   */
  readonly mountsChanged: boolean;
}

/**
 * A queue of the kernel. One thread reads; others may `mark`, `unmark`, `open` and `wake` meanwhile, through an object of their own (`share`,
 * `watcherFromShared`). Nothing that is marked is kept open: file systems can be unmounted at any time.
 *
 * Errors: WatchLimitError from `mark` when the kernel allows no more of them, WatchUnsupportedError when this kind cannot watch that file system,
 * SystemError otherwise.
 */
export interface Watcher extends Disposable {
  readonly kind: WatcherKind;
  /** Whether every directory has to be marked; else only one of each file system. */
  readonly marksDirectories: boolean;
  /**
   * Whether a key stays with its directory when that is moved. Otherwise it is a path: it means what is there when one looks, and of a directory that has moved, and all below it, what
   * happened before it was marked and listed anew may not have been understood.
   */
  readonly keysFollowMoves: boolean;
  /** Whether it says so when events were lost (`overflowed`). */
  readonly tellsOfLoss: boolean;

  /** Begins to watch: this directory's names, or its whole file system. Marking twice changes nothing and gives the same key. */
  mark(directory: Directory): DirectoryKey;
  /**
   * Takes the mark off again, from the whole file system where that is what was marked. Events that are queued still come. False where this kind cannot
   * reach a directory by its key and `directory` is not given: then its events go on.
   */
  unmark(key: DirectoryKey, directory?: Directory): boolean;
  /** The key that events of a directory bear, without marking it. Undefined where only marking tells it. */
  keyOf(directory: Directory): DirectoryKey | undefined;
  /**
   * The directory of a key, wherever it is now; undefined when it is gone, this kind cannot tell, or this very object has marked nothing of its
   * file system.
   */
  open(key: DirectoryKey): Directory | undefined;

  /**
   * Waits until there is something to tell, `wake` was called, or the time is over (undefined: never). Blocks its thread. From the first event on it
   * waits `gatherMs` for more: a reader that is awake between any two events of a burst costs a core, and is told of each name several times. A few
   * milliseconds do; a queue of the default size (16 384 events) can fill in 40.
   */
  read(timeoutMs?: number, gatherMs?: number): WatchBatch;
  /** Makes the `read` that waits, or the next one, return. */
  wake(): void;

  /** What another thread of this process makes a watcher of the same queue from. Valid until `close` of the one that was opened. */
  share(): SharedWatcher;
  /** Idempotent. Ends the queue if this is the watcher that was opened; nobody may be reading it then. */
  close(): void;
}

export type SharedWatcher = SharedKernelWatcher | SharedNodeWatcher;

export interface SharedKernelWatcher {
  readonly kind: KernelWatcherKind;
  readonly descriptors: readonly number[];
}

export interface SharedNodeWatcher {
  readonly kind: 'node';
  readonly memory: SharedArrayBuffer;
  readonly isRecursive: boolean;
}
