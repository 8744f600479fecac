import type { ByteName } from '../../base/names.ts';
import { parentPath } from '../view.ts';
import type { MovesFound, Unmatched } from './moves.ts';
import type { Created, Deleted, Moved } from './types.ts';

/** A directory that moved and was changed, too: most of what moved into it came from one place. */
export interface ChangedMove {
  readonly created: Created;
  readonly deleted: Deleted;
}

/**
 * Finds directories that moved although their content changed: of those created, each to which at least half of the files in it came from
 * the same path below one that was deleted. Only the topmost of such directories are told, and none around one that is `settled`; what is
 * inside them is compared anew, place by place.
 */
export function findChangedMoves({ moved, opened }: MovesFound, settled: readonly Moved[]): ChangedMove[] {
  const deletedDirectories = new Map(opened.deleted.map((change) => [change.path, change]));
  const votes = countVotes(moved, deletedDirectories);
  const found: ChangedMove[] = [];
  // A directory is in none that has a longer path.
  const candidates = opened.created.toSorted((a, b) => a.path.length - b.path.length);
  for (const candidate of candidates) {
    if (found.some(({ created }) => isBelow(candidate.path, created.path))) continue;
    const from = mostVotes(votes.get(candidate.path));
    const origin = from && deletedDirectories.get(from.path);
    if (!origin || found.some(({ deleted }) => isBelow(origin.path, deleted.path) || isBelow(deleted.path, origin.path))) continue;
    if (settled.some((move) => isBelow(move.from, origin.path) || isBelow(move.path, candidate.path))) continue;
    if (from.files * 2 >= (candidate.after.summary?.files ?? 0)) found.push({ created: candidate, deleted: origin });
  }
  return found;
}

/**
 * Takes out everything that a changed move explains, to be compared anew; moves that led across its border become a creation or a deletion
 * again.
 */
export function withoutMove(found: MovesFound, { created, deleted }: ChangedMove): MovesFound {
  const outside = ({ created: creations, deleted: deletions }: Unmatched): Unmatched => ({
    created: creations.filter(({ path }) => !isBelow(path, created.path)),
    deleted: deletions.filter(({ path }) => !isBelow(path, deleted.path)),
  });
  const left = outside(found.left);
  const moved: Moved[] = [];
  for (const move of found.moved) {
    const into = isBelow(move.path, created.path);
    const outOf = isBelow(move.from, deleted.path);
    if (!into && !outOf) moved.push(move);
    else if (!into) left.created.push({ kind: 'created', path: move.path, after: move.after });
    else if (!outOf) left.deleted.push({ kind: 'deleted', path: move.from, before: move.before });
  }
  return { moved, opened: outside(found.opened), left };
}

/** Whether `path` is `top` or in it. */
export function isBelow(path: ByteName, top: ByteName): boolean {
  return path === top || path.startsWith(`${top}/`);
}

/** For each directory that something moved into: from where, counted in files, with the rest of the path unchanged. */
function countVotes(moved: MovesFound['moved'], deletedDirectories: ReadonlyMap<ByteName, Deleted>): Map<ByteName, Map<ByteName, number>> {
  const votes = new Map<ByteName, Map<ByteName, number>>();
  for (const { path, from, after } of moved) {
    const files = after.summary?.files ?? 1;
    let to: ByteName = path;
    let origin: ByteName = from;
    while (to !== '' && origin !== '' && to.slice(parentPath(to).length) === origin.slice(parentPath(origin).length)) {
      to = parentPath(to);
      origin = parentPath(origin);
      if (!deletedDirectories.has(origin)) break;
      const counts = votes.get(to) ?? new Map<ByteName, number>();
      counts.set(origin, (counts.get(origin) ?? 0) + files);
      votes.set(to, counts);
    }
  }
  return votes;
}

function mostVotes(counts: ReadonlyMap<ByteName, number> = new Map()): { path: ByteName; files: number } | undefined {
  let best: { path: ByteName; files: number } | undefined;
  for (const [path, files] of counts) if (!best || files > best.files) best = { path, files };
  return best;
}
