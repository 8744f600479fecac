import type { ByteName } from '../../base/names.ts';
import type { Bounds } from '../../chunk/types.ts';
import type { SharedStore } from '../../store/share.ts';
import type { DirectoryHandle } from '../../sys/types.ts';
import type { PackedAnswers } from './packed-answers.ts';
import type { ThrottleMemory } from './throttle.ts';

/** What a hashing thread is started with. */
export interface KeepWorkerData {
  /** Name of the algorithm. */
  readonly hash: string;
  readonly chunking: Bounds;
  readonly throttle: ThrottleMemory;
  readonly isIdle: boolean;
}

/** Files to be hashed, as columns: item i is `names[i]` in `directories[i]`. */
export interface HashBatch {
  readonly directories: readonly DirectoryHandle[];
  readonly names: readonly ByteName[];
  /** SIGNATURE_BYTES each. */
  readonly signatures: Uint8Array;
  /** 1 for those whose content is to be kept. */
  readonly keep: Uint8Array;
  /** Where it is kept; undefined when none is. */
  readonly place: KeepingPlace | undefined;
  /** One 32-bit word; 1: nobody wants the answer any more. */
  readonly stop: SharedArrayBuffer;
}

/** The store for batches of one generation (see generation.ts). `store` is undefined where it lives in the asking thread alone. */
export interface KeepingPlace {
  readonly generation: number;
  readonly store: SharedStore | undefined;
}

export type KeepRequest = { readonly type: 'files'; readonly batch: HashBatch } | { readonly type: 'flush' };
export type KeepReply = { readonly answers: PackedAnswers } | { readonly flushed: true };
