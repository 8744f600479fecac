import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestFromText } from '../hash/digest.ts';
import type { Store } from '../store/types.ts';
import { decodeRoot } from '../tree/root-block.ts';
import { StoredTree, sizeOf } from '../tree/view.ts';
import { walk } from '../tree/walk.ts';
import { showPathIn } from './entry-json.ts';
import { factLines } from './output/table.ts';
import { shellQuote } from './shell-quote.ts';
import { isCheckout } from './version.ts';

/** How deep and how far the tree is searched for a file to show. */
const SEARCHED_ENTRIES = 1000;
const READABLE_BYTES = 64 * 1024;

/** Commands that list, read, compare and restore what was saved: literal ones, that work when pasted. */
export async function nextSteps(store: Store, tree: string, archive: string): Promise<string[]> {
  const varve = howToCall();
  const ref = shellQuote(archive);
  const file = await someFile(store, tree);
  const steps = [
    ['list it', `${varve} ls -l ${ref}`],
    ...(file === undefined ? [] : [['read a file', `${varve} cat ${shellQuote(`${archive}:/${file}`)}`]]),
    ['find a name', `${varve} find ${ref} '*.txt'`],
    ['restore it', `${varve} restore ${ref} ${shellQuote(`./${archive}-restored`)}`],
    ['save it again', `${varve} save ${'DIR'} --archive ${ref}`],
    ['its revisions', `${varve} log ${ref}`],
    ['what changed', `${varve} diff ${shellQuote(`${archive}@~1`)} ${ref}`],
  ] as [string, string][];
  return ['', 'What to type next:', ...factLines(steps).map((line) => `  ${line}`)];
}

/** `varve` when it is installed; in a checkout what calls it from where the user is. The home is named where it is not the usual one. */
function howToCall(): string {
  const home = process.env.VARVE_HOME ? `VARVE_HOME=${shellQuote(process.env.VARVE_HOME)} ` : '';
  if (!isCheckout) return `${home}varve`;
  const checkout = fileURLToPath(new URL('../..', import.meta.url));
  const isInside =
    !relative(checkout, process.env.INIT_CWD ?? process.cwd()).startsWith(`..${sep}`) &&
    relative(checkout, process.env.INIT_CWD ?? process.cwd()) !== '..';
  return `${home}${isInside ? 'npx varve' : shellQuote(`${checkout}bin/varve`)}`;
}

/** The first file that is worth printing: small, and with a name that a shell takes easily. */
async function someFile(store: Store, tree: string): Promise<string | undefined> {
  const view = new StoredTree(store, decodeRoot(await store.get(digestFromText(tree))));
  let searched = 0;
  for await (const items of walk(view)) {
    for (const { entry, path } of items) {
      const size = sizeOf(entry);
      if (size > 0 && size <= READABLE_BYTES && /\.(md|txt|json|html|[cht]s?|py|toml|ya?ml)$|(^|\/)[A-Z]+$/.test(path))
        return showPathIn(path);
    }
    searched += items.length;
    if (searched >= SEARCHED_ENTRIES) break;
  }
  return undefined;
}
