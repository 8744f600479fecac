import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { type CatalogueNode, type Cause, LIMBO } from './types.ts';
import { FailureRows } from './write/failures.ts';
import { GapRows } from './write/gaps.ts';
import { type Root, RootRows } from './write/roots.ts';
import { Writer } from './write/writer.ts';

/** The path is not that of a watched folder. */
export class NotARootError extends VarveError {
  constructor(path: ByteName, roots: readonly ByteName[]) {
    super('NOT_A_ROOT', `${showName(path)} is no folder that was named to be watched`, {
      advice: roots.length === 0 ? 'Nothing is watched: varve roots' : `Watched are: ${roots.map(showName).join(', ')}`,
    });
  }
}

/**
 * Ends the watch of roots. Nothing is said of their files but that they are not known any more: each gets an event `unwatched` with its last state, its row goes, and the root keeps a
 * row of its own and an open gap. Either all of them end or, at a path that is no root, none: throws NotARootError.
 *
 * `database` is the writer's, and no service is at work on it.
 */
export function unwatch(database: DatabaseSync, paths: readonly ByteName[], time: bigint): void {
  const writer = new Writer(database);
  const all = new RootRows(database).all();
  const roots = [...new Set(paths)].map((path) => {
    const root = all.find((each) => each.path === path);
    if (root !== undefined) return root;
    throw new NotARootError(
      path,
      all.map((each) => each.path),
    );
  });
  const gaps = new GapRows(database);
  const failures = new FailureRows(database);
  writer.onRemoved(({ id }) => failures.forget(id));
  const cause: Cause = { origin: 'live', time };
  writer.transact(() => {
    writer.restoreLimbo(cause);
    for (const root of roots) {
      for (const node of nodesOf(writer, root)) writer.remove(node, cause, 'unwatched');
      gaps.close(root.id, time, 0, []);
      gaps.open(root.id, 'not watched', time);
    }
  });
}

/** What has left a place in it and could not be put back, and its top with all below. */
function nodesOf(writer: Writer, root: Root): CatalogueNode[] {
  const { rows } = writer;
  const isOfRoot = ({ id }: CatalogueNode) => rows.topOf(writer.leftPlace(id)?.parent ?? id) === root.node;
  const top = rows.get(root.node);
  return [...rows.children(LIMBO).filter(isOfRoot), ...(top === undefined ? [] : [top])];
}
