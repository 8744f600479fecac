import type { TreeView } from '../view.ts';
import { walk } from '../walk.ts';
import { contentKey } from './moves.ts';
import type { Copied, Created } from './types.ts';

/** Those of the created files whose content the tree `a` has somewhere; found by walking all of `a`. Memory follows the creations. */
export async function findCopies(a: TreeView, created: readonly Created[], signal?: AbortSignal): Promise<Copied[]> {
  const wanted = new Map<string, Created[]>();
  for (const creation of created) {
    const key = creation.after.kind === 'file' ? contentKey(creation.after, creation.path) : undefined;
    if (key === undefined) continue;
    const list = wanted.get(key);
    if (list) list.push(creation);
    else wanted.set(key, [creation]);
  }
  const copied: Copied[] = [];
  for await (const items of walk(a, signal ? { signal } : {})) {
    if (wanted.size === 0) break;
    for (const { path, entry } of items) {
      const key = entry.kind === 'file' ? contentKey(entry, path) : undefined;
      const creations = key === undefined ? undefined : wanted.get(key);
      if (key === undefined || creations === undefined) continue;
      copied.push(...creations.map(({ path: to, after }): Copied => ({ kind: 'copied', path: to, from: path, after })));
      wanted.delete(key);
    }
  }
  return copied;
}
