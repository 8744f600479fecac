import type { ByteName } from '../../base/names.ts';
import type { ViewEntry } from '../view.ts';

/**
 * What happened to a path between two trees, in the words of the history: `attributes` is a change of anything but content and name;
 * `copied` is a creation whose content the first tree had elsewhere. A path whose kind has changed was deleted and created. A directory
 * that moved is one change, followed by those of what changed inside it.
 */
export type Change = Created | Deleted | Altered | Moved | Copied;

export interface Created {
  readonly kind: 'created';
  readonly path: ByteName;
  readonly after: ViewEntry;
}
export interface Deleted {
  readonly kind: 'deleted';
  readonly path: ByteName;
  readonly before: ViewEntry;
}
export interface Altered {
  readonly kind: 'modified' | 'attributes';
  readonly path: ByteName;
  /** Where `before` was, when the directory it is in has moved. */
  readonly from?: ByteName;
  readonly before: ViewEntry;
  readonly after: ViewEntry;
}
export interface Moved {
  readonly kind: 'moved';
  readonly path: ByteName;
  readonly from: ByteName;
  readonly before: ViewEntry;
  readonly after: ViewEntry;
}
export interface Copied {
  readonly kind: 'copied';
  readonly path: ByteName;
  readonly from: ByteName;
  readonly after: ViewEntry;
}

/** A place in both trees; the paths differ below a directory that has moved. */
export interface Place {
  readonly before: ViewEntry;
  readonly beforePath: ByteName;
  readonly after: ViewEntry;
  readonly path: ByteName;
}

export interface DiffOptions {
  /** Also look through the whole first tree for the origin of what was created: costs a walk of it. */
  readonly copies?: boolean;
  /** Compare bytes where refs cannot tell: between stores that hash or cut differently, and with live files of equal size and time. */
  readonly checksum?: boolean;
  readonly signal?: AbortSignal;
}
