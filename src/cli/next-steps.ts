import { extname } from 'node:path';
import { digestFromText } from '../hash/digest.ts';
import type { Store } from '../store/types.ts';
import { decodeRoot } from '../tree/root-block.ts';
import { StoredTree, sizeOf } from '../tree/view.ts';
import { walk } from '../tree/walk.ts';
import { showPathIn } from './entry-json.ts';
import { howToCall } from './how-to-call.ts';
import { factLines } from './output/table.ts';
import { shellQuote } from './shell-quote.ts';

/** How far the tree is searched for a file to show. */
const SEARCHED_ENTRIES = 1000;
const READABLE_BYTES = 64 * 1024;
const READABLE_NAME = /\.(?:md|txt|json|html|css|[chjt]s?|py|toml|ya?ml|sh|conf)$|(?:^|\/)[A-Z]+$/;

/** Commands that list, read, compare and restore what was saved from `source`: literal ones, that work when pasted. */
export async function nextSteps(store: Store, tree: string, archive: string, source: string): Promise<string[]> {
  const varve = howToCall();
  const ref = shellQuote(archive);
  const file = await someFile(store, tree);
  const steps: (readonly [string, string])[] = [
    ['list', `${varve} ls -l ${ref}`],
    ...(file === undefined ? [] : [['read', `${varve} cat ${shellQuote(`${archive}:/${file}`)}`] as const]),
    ['search', `${varve} find ${ref} ${shellQuote(`*${extname(file ?? '') || '.txt'}`)}`],
    ['restore', `${varve} restore ${ref} ${shellQuote(`./${archive}-restored`)}`],
    ['save again', `${varve} save ${shellQuote(source)}`],
    ['compare', `${varve} diff ${ref} ${shellQuote(source)}`],
    ['revisions', `${varve} log ${ref}`],
  ];
  return ['', 'What to type next:', ...factLines(steps).map((line) => `  ${line}`)];
}

/** The first file that is worth printing: small, and likely to be text. */
async function someFile(store: Store, tree: string): Promise<string | undefined> {
  const view = new StoredTree(store, decodeRoot(await store.get(digestFromText(tree))));
  let searched = 0;
  for await (const items of walk(view)) {
    const found = items.find(({ entry, path }) => sizeOf(entry) > 0 && sizeOf(entry) <= READABLE_BYTES && READABLE_NAME.test(path));
    if (found) return showPathIn(found.path);
    searched += items.length;
    if (searched >= SEARCHED_ENTRIES) break;
  }
  return undefined;
}
