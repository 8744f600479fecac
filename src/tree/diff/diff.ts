import type { ByteName } from '../../base/names.ts';
import type { TreeView } from '../view.ts';
import { comparePlaces, sortByPath } from './compare-trees.ts';
import { findCopies } from './copies.ts';
import { findChangedMoves, withoutMove } from './moved-directories.ts';
import { findMoves, type MovesFound } from './moves.ts';
import type { Altered, Change, DiffOptions, Moved, Place } from './types.ts';

/**
 * The changes that lead from tree `a` to tree `b`, sorted by path, directories before what is in them (T13). Everything created and deleted
 * is listed, also what is inside a new or a removed directory; what moved is one change. Equal subtrees of stored trees are skipped by
 * their digests, so time and memory follow the changes.
 */
export async function diffTrees(a: TreeView, b: TreeView, options: DiffOptions = {}): Promise<Change[]> {
  const top = '' as ByteName;
  const altered: Altered[] = [];
  const moved: Moved[] = [];
  let found: MovesFound = { moved: [], opened: { created: [], deleted: [] }, left: { created: [], deleted: [] } };
  // A directory that moved and changed is compared as if it had stayed, which may show further ones inside it.
  for (let places: Place[] = [{ before: a.root, beforePath: top, after: b.root, path: top }]; places.length > 0; ) {
    for (const place of places) {
      for (const change of await comparePlaces(a, b, place, options)) {
        if (change.kind === 'created') found.left.created.push(change);
        else if (change.kind === 'deleted') found.left.deleted.push(change);
        else altered.push(change);
      }
    }
    const more = await findMoves(a, b, found.left, options.signal);
    found = {
      moved: [...found.moved, ...more.moved],
      opened: { created: [...found.opened.created, ...more.opened.created], deleted: [...found.opened.deleted, ...more.opened.deleted] },
      left: more.left,
    };
    places = [];
    for (const move of findChangedMoves(found, moved)) {
      const { created, deleted } = move;
      moved.push({ kind: 'moved', path: created.path, from: deleted.path, before: deleted.before, after: created.after });
      places.push({ before: deleted.before, beforePath: deleted.path, after: created.after, path: created.path });
      found = withoutMove(found, move);
    }
  }
  const { opened, left } = found;
  const copied = options.copies ? await findCopies(a, left.created, options.signal) : [];
  const copies = new Set(copied.map(({ path }) => path));
  const created = left.created.filter(({ path }) => !copies.has(path));
  return sortByPath<Change>([
    ...altered,
    ...moved,
    ...found.moved,
    ...copied,
    ...opened.created,
    ...created,
    ...opened.deleted,
    ...left.deleted,
  ]);
}
