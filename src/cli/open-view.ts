import { nameFromText } from '../base/names.ts';
import { resolveReference } from '../tree/resolve-reference.ts';
import { StoredTree, type TreeView } from '../tree/view.ts';
import type { Context } from './context.ts';

/** A tree to be compared, stored or live; disposing of it releases what it holds open. */
export interface OpenView extends Disposable {
  readonly view: TreeView;
}

/** Opens a reference, or what cannot be one: a path on disk that begins with a slash, a dot or a tilde that no shell took away. */
export async function openView(text: string, context: Context): Promise<OpenView> {
  if (!isPath(text)) {
    const { store, entry } = await resolveReference(text, context.references);
    return { view: new StoredTree(store, entry), [Symbol.dispose]: () => {} };
  }
  const { LiveTree } = await import('../tree/live-tree.ts');
  const { excludes, excludeFrom, ignoreFiles, skipCaches } = (await context.config()).settings.save;
  const view = new LiveTree(nameFromText(text), { excludes, excludeFrom, ignoreFiles, skipCaches });
  return { view, [Symbol.dispose]: () => view.close() };
}

function isPath(text: string): boolean {
  return /^(?:[/\\]|\.{1,2}(?:$|[/\\])|[A-Za-z]:[\\/])/.test(text) && !text.endsWith('.varve');
}
