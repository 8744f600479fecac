import type { ByteName } from '../../../base/names.ts';
import type { NodeId, NodeState } from '../../types.ts';

/**
 * What undo does to one node so that it is again what it was:
 * - `remove`: it came since, and goes to the trash;
 * - `create`: it went since, and is made anew;
 * - `move`: it goes back to where it was;
 * - `content`, `attributes`: it gets back what it held, its mode and owner.
 */
export type UndoStep = 'remove' | 'create' | 'move' | 'content' | 'attributes';

/** A place on disk. */
export interface UndoPlace {
  /** The top of the root that it is in. */
  readonly root: ByteName;
  /** From there, names joined by slashes. */
  readonly path: ByteName;
}

export interface UndoItem {
  readonly node: NodeId;
  readonly steps: readonly UndoStep[];
  /** Where it is; undefined when it is gone. */
  readonly from: UndoPlace | undefined;
  /** Where it is to be; undefined when it is to go. */
  readonly to: UndoPlace | undefined;
  readonly now: NodeState | undefined;
  readonly was: NodeState | undefined;
  /** Why nothing can be done. */
  readonly refused?: string;
}

/** What became of one that something was to be done with. */
export interface UndoOutcome {
  readonly item: UndoItem;
  /** Undefined: done. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** Where in the trash lies what stood in its place, or itself. */
  readonly trash?: UndoPlace;
}
