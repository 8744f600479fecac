import type { SystemError } from '../base/errors.ts';
import type { FileKind } from '../sys/stat.ts';
import type { WatcherKind } from '../sys/watch/types.ts';

/**
 * A monitor tells how a tree of files changes, without catalogue, daemon or store: by events where there are any, by looking at intervals where there are none.
 *
 * - **First pass.** Everything that is there, each once, directories before what is in them; then changes, until it is ended.
 * - **Old and new** are what a look (lstat) has shown, not what an event said. What came and went between two looks is not told.
 * - **Replay.** Changes come in an order in which they can be applied one after another: whoever keeps a map from paths to states, and for each change
 *   moves `from` with all below to `path`, then sets or deletes `path`, has the tree as it was looked at.
 * - **Directories** are told when they come, go or move, and when mode or owner change; size, times and link count follow what is in them and are not told. One that
 *   goes is told behind everything that was in it. The top itself is not told.
 * - **Moves** are told as such where both places are looked at together: inside of what is watched, by events that name both or come together, or in one
 *   comparison. Otherwise, and where two directories change places, as the end of one file and the beginning of another.
 * - **Hard links**: a change through one is told of all that were met, once any of them is looked at.
 * - **Back-pressure.** Nothing is looked at while nobody asks for the next change. What events tell meanwhile is gathered, each name once, up to 500 000; beyond that, and when the system has lost
 *   events, everything is compared again, so nothing is lost but what came and went. Changes are held for one directory at a time, or for a directory that was replaced.
 * - **Memory**: what is known of each file, in the figures of docs/monitor.md.
 * - **Not entered**: symbolic links, file systems that the kernel makes up (/proc), and directories that are seen a second time (bind mounts).
 * - **Threads**: looking is done in the thread of the caller, in turns of some milliseconds; a thread of its own waits for events.
 */
export interface Monitor extends AsyncIterableIterator<Change, undefined>, AsyncDisposable {
  /** What tells of changes. */
  readonly source: WatcherKind | 'polling';
  /**
   * Resolves when everything that happened before this call was handed out, so only while somebody iterates. What no event tells (see WatcherKind) is left to the next comparison. Rejects with
   * MonitorClosedError when the monitor ends before.
   */
  sync(): Promise<void>;
  /** Ends the iteration. Idempotent. */
  close(): Promise<void>;
  return(): Promise<IteratorResult<Change, undefined>>;
}

export interface Change {
  /** Below the top, with slashes between; as text, so what is not UTF-8 in it is replaced. */
  readonly path: string;
  /** The same, exactly. A copy. */
  readonly pathBytes: Uint8Array;
  /** What was known there; undefined when nothing was. */
  readonly old: FileState | undefined;
  /** What is there; undefined when nothing is. */
  readonly new: FileState | undefined;
  /** Where in the tree it was before, with all that is below it; undefined unless it has moved. */
  readonly from: string | undefined;
  readonly fromBytes: Uint8Array | undefined;
  /** Whether it was found by the first pass, so is no change yet. */
  readonly isFirst: boolean;
}

/** What a look has shown of a file. Times are nanoseconds since 1970. */
export interface FileState {
  readonly kind: FileKind;
  /** In bytes. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** Birth time; 0 where the file system keeps none. */
  readonly bornNs: bigint;
  /** major × 2^32 + minor. */
  readonly device: number;
  readonly inode: bigint;
}

export interface MonitorOptions {
  /** `best`, which is the default: events of the best kind that works here, and polling where none does. A kind of watcher alone: NoWatcherError where it does not work. */
  readonly source?: 'best' | 'polling' | WatcherKind;
  /**
   * How long between the end of one comparison and the beginning of the next, of all there is when polling, else of what no event tells (directories that cannot be watched; all, where the
   * source does not tell of loss). 5000 unless given; and at least four times what the last one took.
   */
  readonly intervalMs?: number;
  /** Ends the iteration, which then throws its reason. */
  readonly signal?: AbortSignal;
  /** Is told what could not be looked at. What was known of it stays, and the rest goes on. */
  readonly onError?: (error: SystemError) => void;
}
