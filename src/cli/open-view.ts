import { nameFromText } from '../base/names.ts';
import { readPastReference } from '../catalogue/history/past-reference.ts';
import { resolveReference } from '../tree/resolve-reference.ts';
import { StoredTree, type TreeView } from '../tree/view.ts';
import type { Context } from './context.ts';
import { openPastTree } from './open-tree.ts';
import { referenceMeant } from './path-meant.ts';

/** A tree to be compared, stored or live; disposing of it releases what it holds open. */
export interface OpenView extends Disposable {
  readonly view: TreeView;
}

/** Opens a reference, a watched folder as it was (/path@TIME), or a path on disk: what begins with a slash, a dot or a tilde that no shell took away. */
export async function openView(given: string, context: Context): Promise<OpenView> {
  const text = await referenceMeant(given, context);
  const past = await readPastReference(text, new Date());
  if (past?.time !== undefined) return openPastTree(text, context);
  if (past === undefined && !isDrivePath(text)) {
    const { store, entry } = await resolveReference(text, context.references);
    return { view: new StoredTree(store, entry), [Symbol.dispose]: () => {} };
  }
  const { LiveTree } = await import('../tree/live-tree.ts');
  const { excludes, excludeFrom, ignoreFiles, skipCaches } = (await context.config()).settings.save;
  const view = new LiveTree(past?.path ?? nameFromText(text), { excludes, excludeFrom, ignoreFiles, skipCaches });
  return { view, [Symbol.dispose]: () => view.close() };
}

function isDrivePath(text: string): boolean {
  return /^(?:\\|\.{1,2}\\|[A-Za-z]:[\\/])/.test(text) && !text.endsWith('.varve');
}
