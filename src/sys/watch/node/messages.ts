import type { ByteName } from '../../../base/names.ts';
import type { DirectoryKey, WatchBatch } from '../types.ts';

/** What the thread of fs.watch is started with. */
export interface NodeWatchData {
  /** A Line's. */
  readonly memory: SharedArrayBuffer;
  /** An empty folder of ours, where cookies are put. */
  readonly cookies: ByteName;
  /** Whether what is below a directory is watched with it. */
  readonly recursive: boolean;
}

/** A directory by its path, and by what a look has shown to be there. */
export interface PlaceToMark {
  readonly path: ByteName;
  readonly identity: string;
}

export type NodeWatchRequest =
  | { readonly type: 'mark'; readonly place: PlaceToMark }
  | { readonly type: 'unmark'; readonly key: DirectoryKey }
  /** `complete`: with everything that was done before. */
  | { readonly type: 'collect'; readonly complete: boolean };

/** `errno` and `syscall` of what failed; undefined when the directory is marked. */
export type MarkAnswer = { readonly errno: string; readonly syscall: string } | undefined;

export type CollectAnswer = Omit<WatchBatch, 'mountsChanged'>;
