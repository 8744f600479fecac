import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../base/names.ts';
import { isPathReference, readPastReference } from '../catalogue/history/past-reference.ts';
import { resolveReference } from '../tree/resolve-reference.ts';
import { StoredTree, type TreeView, type ViewEntry } from '../tree/view.ts';
import type { Context } from './context.ts';
import { joinNames } from './entry-json.ts';
import { ownFolders } from './own-folders.ts';
import { referenceMeant } from './path-meant.ts';

/** What a reference names, in a tree that it is a part of. */
export interface OpenTree extends Disposable {
  readonly view: TreeView;
  readonly entry: ViewEntry;
  /** From the top of the view. */
  readonly path: ByteName;
}

/** Opens a part of a revision, or of a watched folder as it was or is: ARCHIVE@WHEN:/path or /path@TIME (docs/references.md). */
export async function openTree(given: string, context: Context): Promise<OpenTree> {
  const text = await referenceMeant(given, context);
  if (isPathReference(text)) return openPastTree(text, context);
  const { store, root, entry, path } = await resolveReference(text, context.references);
  return { view: new StoredTree(store, root), entry, path: joinNames(path), [Symbol.dispose]: () => {} };
}

/** A tree of the catalogue; its top is what the reference names. */
export interface OpenPastTree extends OpenTree {
  /** When, in ns; undefined: now. */
  readonly time: bigint | undefined;
}

/** Opens /path@TIME; without a time, as the catalogue knows it now. */
export async function openPastTree(text: string, context: Context): Promise<OpenPastTree> {
  const [{ Past }, { PastTree }, { KeptContents }] = await Promise.all([
    import('./past.ts'),
    import('../catalogue/history/past-tree.ts'),
    import('../catalogue/history/kept-contents.ts'),
  ]);
  const reference = await readPastReference(text, new Date());
  if (reference === undefined) throw new TypeError(`${text} is no path`);
  const past = Past.open(context);
  try {
    const { node, path, moment } = await past.find(reference);
    const contents = new KeptContents(past.history, () => context.openStore());
    const sums = reference.time === undefined && { sumsOf: sumsNow(past.database) };
    const own = await ownFolders(context);
    const view = await PastTree.open({ history: past.history, contents, top: node, path, moment, own, ...sums });
    return { view, entry: view.root, path: '' as ByteName, time: reference.time, [Symbol.dispose]: () => past[Symbol.dispose]() };
  } catch (error) {
    past[Symbol.dispose]();
    throw error;
  }
}

/** What the catalogue has counted below its folders; of the past it has not. */
function sumsNow(database: DatabaseSync): (directory: number) => ViewEntry['summary'] {
  const sums = database.prepare('SELECT files, CAST(size AS REAL) AS bytes FROM directory WHERE node = ?');
  return (directory) => sums.get(directory) as ViewEntry['summary'];
}
