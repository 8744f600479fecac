import type { SharedStore } from '../../store/share.ts';
import type { DirectoryHandle } from '../../sys/types.ts';

/** What a restoring thread is started with. */
export interface RestoreWorkerData {
  readonly store: SharedStore;
  readonly settings: RestoreSettings;
}

export interface RestoreSettings {
  readonly dryRun: boolean;
  /** Read every file back before it gets its name. */
  readonly verify: boolean;
  /** The tree does not know extended attributes: files keep those that they have. */
  readonly keepXattrs: boolean;
}

/**
 * What is to be done with a file:
 * - `create`: there is nothing of that name;
 * - `replace`: there is a file, whose content is known to differ;
 * - `compare`: there is a file, whose content stays when it is right;
 * - `metadata`: there is a file whose content is taken to be right, and only metadata is not.
 *
 * A file with further names is replaced whenever anything in it would have to change, since they may stand for something else.
 */
export type FileTask = 'create' | 'replace' | 'compare' | 'metadata';

/** Files to be restored. Item i comes to stand in `directories[i]`, which its owner keeps open meanwhile. */
export interface RestoreBatch {
  readonly directories: readonly DirectoryHandle[];
  readonly tasks: readonly FileTask[];
  /** Of each item its name and its encoded entry, one after another. */
  readonly entries: Uint8Array;
  /** Whether what is made in the directory of an item inherits an access control list. */
  readonly inheriting: readonly boolean[];
  /** Owners that the items are to have here, two numbers each. */
  readonly owners: Float64Array;
  /** How long the contents are, together. */
  readonly bytes: number;
}

export interface ItemFailure {
  readonly item: number;
  readonly code: string;
  readonly message: string;
}

export interface RestoreBatchResult {
  /** One of OUTCOME for each item. */
  readonly outcomes: Uint8Array;
  readonly failures: readonly ItemFailure[];
  readonly bytes: number;
}

/** What became of an entry; `metadata`: its content was right, and something else was not. */
export const OUTCOME = { failed: 0, created: 1, replaced: 2, unchanged: 3, metadata: 4 } as const;
