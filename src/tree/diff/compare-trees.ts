import type { BlockRef } from '../../block/types.ts';
import { attributesEqual } from '../compare-entries.ts';
import { joinPath, StoredTree, type TreeView, type ViewEntry } from '../view.ts';
import { contentEqual } from './content-equal.ts';
import { pairDifferingEntries } from './differing-nodes.ts';
import { type EntryPair, pairEntries } from './pairs.ts';
import type { Altered, Change, Created, Deleted, DiffOptions, Place } from './types.ts';

/** A change that is told by looking at one path alone. */
export type PlainChange = Created | Deleted | Altered;

/**
 * The changes from one place to the other, path by path; a directory that is there on one side only is one change, whatever is in it. Equal
 * parts are skipped whole where both are stored, so the cost follows the changes.
 */
export async function comparePlaces(a: TreeView, b: TreeView, top: Place, options: DiffOptions): Promise<PlainChange[]> {
  const changes: PlainChange[] = [];
  const stack: Place[] = [];
  const compare = async (place: Place): Promise<void> => {
    const { before, after, path, beforePath } = place;
    if (before.kind !== after.kind) {
      changes.push({ kind: 'deleted', path: beforePath, before }, { kind: 'created', path, after });
      return;
    }
    const content = before.kind !== 'file' || (await contentEqual(a, b, place, options));
    if (!content || !attributesEqual(knownBeside(before, after), knownBeside(after, before))) {
      const from = path === beforePath ? {} : { from: beforePath };
      changes.push({ kind: content ? 'attributes' : 'modified', path, ...from, before, after });
    }
    if (before.kind === 'directory') stack.push(place);
  };
  // A place that has moved is a change already.
  if (top.path === top.beforePath) await compare(top);
  else stack.push(top);
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { path, beforePath } = place;
    for await (const pairs of pairsOf(a, b, place, options.signal)) {
      options.signal?.throwIfAborted();
      for (const { name, before, after } of pairs) {
        if (before && after) await compare({ before, after, path: joinPath(path, name), beforePath: joinPath(beforePath, name) });
        else if (before) changes.push({ kind: 'deleted', path: joinPath(beforePath, name), before });
        else if (after) changes.push({ kind: 'created', path: joinPath(path, name), after });
      }
    }
  }
  return changes;
}

/** An entry without what a partial view does not know of the other one. */
function knownBeside(entry: ViewEntry, other: ViewEntry): ViewEntry {
  if (other.isPartial !== true) return entry;
  const { xattrs: _, target, device, ...known } = entry;
  return { ...known, ...(other.target !== undefined && target !== undefined && { target }), ...(other.device && device && { device }) };
}

function pairsOf(a: TreeView, b: TreeView, { before, beforePath, after, path }: Place, signal?: AbortSignal): AsyncIterable<EntryPair[]> {
  if (a instanceof StoredTree && b instanceof StoredTree) {
    return pairDifferingEntries(
      { reader: a.directories, ref: before.content as BlockRef },
      { reader: b.directories, ref: after.content as BlockRef },
      signal,
    );
  }
  return pairEntries(a.entries(before, beforePath, signal), b.entries(after, path, signal));
}

/** Changes sorted by path, so that a directory comes before what is in it. */
export function sortByPath<T extends Pick<Change, 'path'>>(changes: T[]): T[] {
  // A slash sorts before every other byte that a name may have.
  const key = ({ path }: Pick<Change, 'path'>) => path.replaceAll('/', '\0');
  const keyed = changes.map((change) => ({ change, key: key(change) }));
  keyed.sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
  return keyed.map(({ change }) => change);
}
