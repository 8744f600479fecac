import { isPathReference, readPastReference } from '../catalogue/history/past-reference.ts';
import type { Context } from './context.ts';

/**
 * A reference as it is read: a bare name (`letter.txt`, `docs/letter.txt@1h`) that is no archive, while the catalogue knows such a file, means that file. What looks like a path
 * always is one, and what an archive has the name of always is that.
 */
export async function referenceMeant(text: string, context: Context): Promise<string> {
  if (isPathReference(text) || text.startsWith('[') || text.includes(':')) return text;
  const path = `./${text}`;
  if (!(await isKnown(path, context))) return text;
  const store = await context.openStore();
  const names = await store.archives();
  return names.some((name) => text === name || text.startsWith(`${name}@`)) ? text : path;
}

async function isKnown(text: string, context: Context): Promise<boolean> {
  const reference = await readPastReference(text, new Date());
  if (reference === undefined) return false;
  const { Past } = await import('./past.ts');
  try {
    using past = Past.open(context);
    return past.knows(reference.path);
  } catch {
    return false;
  }
}
