import type { DirectoryKey, SharedWatcher, WatchBatch } from '../types.ts';

/** What the watching thread is started with. */
export interface WatchWorkerData {
  readonly watcher: SharedWatcher;
  /** A WatchFlow's memory. */
  readonly flow: SharedArrayBuffer;
}

/** What the kernel told, and up to which `sync` that is everything. */
export interface WatchMessage {
  readonly batch: WatchBatch;
  /** Directories of which it was said that they are foreign, and in which something has happened all the same: what, is not told. */
  readonly foreign: readonly DirectoryKey[];
  readonly synced: number;
}

/** What is said to the watching thread. */
export interface ForeignMessage {
  /** Directories in which nobody cares what happens. */
  readonly foreign: readonly DirectoryKey[];
  /** Those of which that is not so any more. */
  readonly known: readonly DirectoryKey[];
}
