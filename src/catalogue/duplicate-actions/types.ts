import { VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';

/**
 * What is done with a further copy of a file that stays:
 * - `link`: it becomes another name of that file;
 * - `reflink`: it keeps its metadata, and shares the blocks of that file until one of both is written to;
 * - `trash`: it goes to the trash.
 */
export type CopyAction = 'link' | 'reflink' | 'trash';

export interface ActionOptions {
  /** Link files of different owners, modes or extended attributes too; those of the file that stays then count for both. */
  readonly ignoreMetadata?: boolean;
  readonly signal?: AbortSignal;
}

/** What became of a copy: where in the trash it lies, if it was put there. */
export interface ActionOutcome {
  readonly trashed?: ByteName;
}

export type RefusalCode =
  | 'NOT_A_FILE'
  | 'SAME_FILE'
  | 'NOT_ALIKE'
  | 'CHANGED_MEANWHILE'
  | 'IN_USE'
  | 'OTHER_FILE_SYSTEM'
  | 'OTHER_METADATA'
  | 'HAS_LINKS'
  | 'NO_REFLINK'
  | 'NO_TRASH';

/** A copy is left as it is. */
export class CopyRefusedError extends VarveError {
  declare readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, advice?: string) {
    super(code, message, advice === undefined ? undefined : { advice });
  }
}
