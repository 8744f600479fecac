import { VarveError } from '../base/errors.ts';

/** The store does not have the block. */
export class MissingBlockError extends VarveError {
  readonly digest: string;
  readonly store: string;

  constructor(digest: string, store: string) {
    super('MISSING_BLOCK', `block ${digest} is missing in ${store}`, {
      advice: 'Run varve verify to learn which files and revisions need it.',
    });
    this.digest = digest;
    this.store = store;
  }
}

/** The store has the block, but not its right bytes. `where` says which file, and where in it. */
export class DamagedBlockError extends VarveError {
  readonly digest: string;
  readonly store: string;
  readonly where: string;

  constructor(digest: string, store: string, where: string, cause?: unknown) {
    super('DAMAGED_BLOCK', `block ${digest} is damaged in ${store}: ${where}`, {
      advice: 'Run varve verify to learn which files and revisions are touched; other blocks are not affected.',
      cause,
    });
    this.digest = digest;
    this.store = store;
    this.where = where;
  }
}

/** The store cannot be reached or opened at all. */
export class UnreachableStoreError extends VarveError {
  readonly store: string;

  constructor(store: string, reason: string, options?: { advice?: string; cause?: unknown }) {
    super('UNREACHABLE_STORE', `${store}: ${reason}`, options);
    this.store = store;
  }
}
