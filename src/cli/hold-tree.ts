import { digestToText } from '../hash/digest.ts';
import type { Hold } from '../store/types.ts';
import { NotFoundError, type ResolvedReference } from '../tree/resolve-reference.ts';

/**
 * Keeps the tree of a reference from being collected while it is being read. It is pinned first, and only then is the revision looked for again: from then on
 * either nobody drops it, or whoever did so was too early for us to begin.
 */
export async function holdTree({ store, archive, tree, reference }: ResolvedReference): Promise<Hold> {
  const hold = await store.hold([tree]);
  const text = digestToText(tree);
  if (archive === undefined || (await archive.read()).revisions.some((revision) => revision.tree === text)) return hold;
  await hold.release();
  throw new NotFoundError(`revision ${reference.text}: it was dropped just now`, [], 'List what there is with: varve log');
}
