import type { ByteName } from '../../../base/names.ts';
import type { NodeId } from '../../types.ts';
import { folderComing, foldersAbove, pathOf } from './places.ts';
import type { UndoItem, UndoPlace } from './types.ts';

type Removal = UndoItem & { readonly from: UndoPlace };

/**
 * Refuses also what cannot be done since something else is refused: what stands where something cannot be put back stays, and so does the folder of what cannot be taken
 * out of it; nothing comes to where something stays, nor into a folder that does not come. `standing` has the nodes that are now in the places where items are to come to.
 */
export function refuseDependents(items: readonly UndoItem[], standing: ReadonlyMap<UndoItem, NodeId>): UndoItem[] {
  const dependents = new Dependents(items, standing);
  const reasons = new Map<UndoItem, string>();
  for (const item of items) if (item.refused !== undefined) reasons.set(item, item.refused);
  const leaving = new Set(items.flatMap((item) => (leaves(item) ? [item.node] : [])));
  for (const [item, node] of standing) if (!leaving.has(node) && !reasons.has(item)) reasons.set(item, IN_THE_WAY);
  // What is added on the way comes up, too.
  for (const item of reasons.keys())
    for (const [dependent, reason] of dependents.of(item)) if (!reasons.has(dependent)) reasons.set(dependent, reason);
  return items.map((item) => {
    const refused = reasons.get(item);
    return refused === undefined ? item : { ...item, refused };
  });
}

const IN_THE_WAY = 'something else stands there';

/** What cannot be done when an item is not. */
class Dependents {
  readonly #comingTo: ReadonlyMap<NodeId, UndoItem>;
  readonly #removals: ReadonlyMap<ByteName, Removal>;
  /** By the folders above that come to their places themselves. */
  readonly #below = new Map<ByteName, UndoItem[]>();

  constructor(items: readonly UndoItem[], standing: ReadonlyMap<UndoItem, NodeId>) {
    this.#comingTo = new Map([...standing].map(([item, node]) => [node, item]));
    this.#removals = new Map(items.filter(isRemoval).map((item) => [pathOf(item.from), item]));
    for (const item of items) {
      const path = folderComing(item);
      if (path !== undefined) this.#below.set(path, []);
    }
    for (const item of items)
      if (item.to !== undefined) for (const path of foldersAbove(pathOf(item.to))) this.#below.get(path)?.push(item);
  }

  *of(item: UndoItem): Generator<[UndoItem, reason: string]> {
    const { node, from, to } = item;
    const coming = leaves(item) ? this.#comingTo.get(node) : undefined;
    if (coming !== undefined) yield [coming, IN_THE_WAY];
    const removal = to && this.#removals.get(pathOf(to));
    if (removal !== undefined) yield [removal, 'what was there before cannot be put back'];
    for (const path of from === undefined ? [] : foldersAbove(pathOf(from))) {
      const holding = this.#removals.get(path);
      if (holding !== undefined) yield [holding, 'something in it cannot be put back'];
    }
    const folder = folderComing(item);
    for (const below of (folder !== undefined && this.#below.get(folder)) || []) yield [below, 'a folder above it cannot be put back'];
  }
}

function leaves({ steps }: UndoItem): boolean {
  return steps.includes('move') || steps.includes('remove');
}

function isRemoval(item: UndoItem): item is Removal {
  return item.steps.includes('remove') && item.from !== undefined;
}
