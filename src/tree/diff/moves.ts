import type { ByteName } from '../../base/names.ts';
import { digestKey } from '../../hash/digest.ts';
import { refKey } from '../compare-entries.ts';
import { joinPath, lastName, sizeOf, type TreeView, type ViewEntry } from '../view.ts';
import type { Created, Deleted, Moved } from './types.ts';

/** Creations and deletions, once those that belong together have become moves. */
export interface MovesFound {
  readonly moved: Moved[];
  /** Directories that were opened; what is in them is elsewhere here. */
  readonly opened: Unmatched;
  /** All else. */
  readonly left: Unmatched;
}

export interface Unmatched {
  readonly created: Created[];
  readonly deleted: Deleted[];
}

/**
 * Finds what moved: a deletion and a creation of one content. Directories are tried first, as a whole; one that finds no match is opened,
 * and what is in it tried in turn. So a directory that moved is one move, and files that left a directory which changed are found one by
 * one. Empty content says nothing, and content short enough to be a literal only under the same name. Of several candidates one of the same
 * name is preferred.
 */
export async function findMoves(a: TreeView, b: TreeView, changes: Unmatched, signal?: AbortSignal): Promise<MovesFound> {
  const moved: Moved[] = [];
  const opened: Unmatched = { created: [], deleted: [] };
  let left = changes;
  for (;;) {
    left = match(left, moved);
    const created = left.created.filter(({ after }) => after.kind === 'directory');
    const deleted = left.deleted.filter(({ before }) => before.kind === 'directory');
    if (created.length === 0 && deleted.length === 0) return { moved, opened, left };
    opened.created.push(...created);
    opened.deleted.push(...deleted);
    left = {
      created: left.created.filter(({ after }) => after.kind !== 'directory'),
      deleted: left.deleted.filter(({ before }) => before.kind !== 'directory'),
    };
    for (const { path, after } of created) {
      for await (const child of childrenOf(b, path, after, signal))
        left.created.push({ kind: 'created', path: child.path, after: child.entry });
    }
    for (const { path, before } of deleted) {
      for await (const child of childrenOf(a, path, before, signal))
        left.deleted.push({ kind: 'deleted', path: child.path, before: child.entry });
    }
  }
}

function match({ created, deleted }: Unmatched, moved: Moved[]): Unmatched {
  const candidates = new Map<string, Deleted[]>();
  for (const deletion of deleted) {
    const key = contentKey(deletion.before, deletion.path);
    if (key === undefined) continue;
    const list = candidates.get(key);
    if (list) list.push(deletion);
    else candidates.set(key, [deletion]);
  }
  const taken = new Set<Deleted>();
  const left = created.filter((creation) => {
    const key = contentKey(creation.after, creation.path);
    const list = key === undefined ? undefined : candidates.get(key);
    if (!list || list.length === 0) return true;
    const name = lastName(creation.path);
    const sameName = list.findIndex(({ path }) => lastName(path) === name);
    const [deletion] = list.splice(Math.max(0, sameName), 1) as [Deleted];
    taken.add(deletion);
    moved.push({ kind: 'moved', path: creation.path, from: deletion.path, before: deletion.before, after: creation.after });
    return false;
  });
  return { created: left, deleted: deleted.filter((deletion) => !taken.has(deletion)) };
}

/** What must be equal for an entry to count as the same thing elsewhere; undefined when it is too little to tell. */
export function contentKey(entry: ViewEntry, path: ByteName): string | undefined {
  const { kind, content, digest } = entry;
  if (digest !== undefined) return sizeOf(entry) === 0 ? undefined : `digest ${digestKey(digest)}`;
  if (content === undefined || content.size === 0) return undefined;
  if (kind === 'directory') return entry.summary?.files ? `directory ${refKey(content)}` : undefined;
  return content.kind === 'literal' ? `${refKey(content)} ${lastName(path)}` : refKey(content);
}

interface Child {
  readonly path: ByteName;
  readonly entry: ViewEntry;
}

async function* childrenOf(view: TreeView, path: ByteName, directory: ViewEntry, signal?: AbortSignal): AsyncGenerator<Child> {
  for await (const entries of view.entries(directory, path, signal))
    for (const entry of entries) yield { path: joinPath(path, entry.name), entry };
}
