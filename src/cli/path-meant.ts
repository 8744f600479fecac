import { existsSync } from 'node:fs';
import { UsageError } from '../base/errors.ts';
import { isPathReference, readPastReference } from '../catalogue/history/past-reference.ts';
import type { Context } from './context.ts';
import { TIME_ADVICE } from './times-given.ts';

/**
 * A reference as it is read: a bare name (`letter.txt`, `docs/letter.txt@1h`) that is no archive, while the catalogue knows such a file, means that file; a bare name with a slash that
 * is no archive means a file in any case. What looks like a path always is one, and what an archive has the name of always is that. Throws UsageError for a file that is known with a
 * time that is none.
 */
export async function referenceMeant(text: string, context: Context): Promise<string> {
  if (isPathReference(text)) {
    if (await isFileAtNoTime(text, context)) throw noTime(text);
    return text;
  }
  if (text.startsWith('[') || /:(?:\/|$)/.test(text)) return text;
  const [name] = partsOf(text);
  if (name.includes(':') || name.endsWith('.varve')) return text;
  const path = `./${text}`;
  const isFile = await isKnown(path, context);
  const isAtNoTime = !isFile && (await isFileAtNoTime(path, context));
  if (!isFile && !isAtNoTime && !name.includes('/')) return text;
  const names = await (await context.openStore()).archives();
  if (names.some((archive) => text === archive || text.startsWith(`${archive}@`))) return text;
  if (isAtNoTime) throw noTime(text);
  return path;
}

/** A name and what stands behind its last `@`. */
function partsOf(text: string): readonly [name: string, when: string | undefined] {
  const at = text.lastIndexOf('@');
  return at > Math.max(0, text.lastIndexOf('/')) ? [text.slice(0, at), text.slice(at + 1)] : [text, undefined];
}

/** Whether what stands behind the last `@` of a path is no time, and what stands before it is known. A file that nobody knows yet may have such a name. */
async function isFileAtNoTime(path: string, context: Context): Promise<boolean> {
  const [name, when] = partsOf(path);
  if (when === undefined || existsSync(path) || (await readPastReference(path, new Date()))?.time !== undefined) return false;
  return !(await isKnown(path, context)) && (await isKnown(name, context));
}

function noTime(text: string): UsageError {
  return new UsageError(`${partsOf(text)[1]} is no time`, TIME_ADVICE);
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
