import type { ByteName } from '../../base/names.ts';
import type { SharedStore } from '../../store/share.ts';
import type { StoreCounters } from '../../store/types.ts';
import type { DirectoryHandle } from '../../sys/types.ts';

/** What a saving thread is started with. */
export interface SaveWorkerData {
  readonly store: SharedStore;
  readonly observedTimes: boolean;
}

/** Files to be read and stored, in order. Item i is `names[i]` in the directory `directories[i]`, which its owner keeps open meanwhile. */
export interface FileBatch {
  readonly directories: readonly DirectoryHandle[];
  readonly names: readonly ByteName[];
  /** The signatures that they had when they were listed, SIGNATURE_BYTES each. */
  readonly signatures: Uint8Array;
  /** Identities of those that have several links, by item. */
  readonly identities: ReadonlyMap<number, Uint8Array>;
  /** How long they were then, together. */
  readonly bytes: number;
}

/**
 * What became of a batch. The results of the items stand one after another in `packed` (see pack.ts). An item that could not be read is in `errors`
 * instead, or, when it has vanished, in neither.
 */
export interface FileBatchResult {
  readonly packed: Uint8Array;
  readonly errors: readonly { readonly item: number; readonly code: string; readonly message: string }[];
  readonly readFiles: number;
  readonly readBytes: number;
}

/** A part of a large file, to be cut as if the whole file were: see extents.ts. */
export interface ExtentTask {
  readonly directory: DirectoryHandle;
  readonly name: ByteName;
  /** A known boundary to begin at, or a place before which cutting starts only to fall in with the boundaries. */
  readonly from: number;
  readonly exact: boolean;
  readonly to: number;
}

export interface ExtentResult {
  /** The first boundary at or after `from`, and the first at or after `to` (or the end of the file). */
  readonly start: number;
  readonly end: number;
  /** The encoded leaf refs between them. */
  readonly refs: Uint8Array;
  /** Signature of the file before and after reading, when it was the same. */
  readonly signature: Uint8Array | undefined;
}

export type SaveRequest =
  | { readonly type: 'files'; readonly batch: FileBatch }
  | { readonly type: 'extent'; readonly task: ExtentTask }
  | { readonly type: 'flush' };

export type SaveReply = { readonly files: FileBatchResult } | { readonly extent: ExtentResult } | { readonly flushed: StoreCounters };
