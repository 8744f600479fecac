import type { SharedWatcher, WatchBatch } from '../types.ts';

/** What the watching thread is started with. */
export interface WatchWorkerData {
  readonly watcher: SharedWatcher;
  /** A WatchFlow's memory. */
  readonly flow: SharedArrayBuffer;
}

/** What the kernel told, and up to which `sync` that is everything. */
export interface WatchMessage {
  readonly batch: WatchBatch;
  readonly synced: number;
}
