import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type ByteName, nameFromShown, nameFromText } from '../../base/names.ts';
import { timeMeant } from '../../tree/moment.ts';

/** A path of the file system, perhaps with a time. */
export interface PastReference {
  /** Absolute, without `.`, `..` and doubled slashes; symbolic links on the way are not followed. */
  readonly path: ByteName;
  /** The last ns that counts; undefined: now. */
  readonly time: bigint | undefined;
  /** The time as it was given. */
  readonly when: string | undefined;
}

/**
 * Whether a text means a path of the file system and no archive (docs/references.md): it begins with `/`, `./`, `../` or `~/`, or is one of these without its slash, and
 * its head, up to `:/` or the end, is no file of an archive: `NAME.varve`, `NAME.varve@WHEN`.
 */
export function isPathReference(text: string): boolean {
  if (!/^(?:\/|(?:\.{1,2}|~)(?:$|[/@]))/.test(text)) return false;
  const colon = text.indexOf(':/');
  const head = colon < 0 ? text.replace(/:$/, '') : text.slice(0, colon);
  return !/\.varve(?:@[^/]*)?$/s.test(head);
}

/**
 * Reads PATH or PATH@TIME; undefined for what is no path. The last `@` behind the last slash parts the two, if what follows it can be understood as a time; else it belongs
 * to the name. A file whose name ends that way is meant by PATH@now.
 */
export async function readPastReference(text: string, now: Date): Promise<PastReference | undefined> {
  if (!isPathReference(text)) return undefined;
  const at = text.lastIndexOf('@');
  const when = at > text.lastIndexOf('/') ? text.slice(at + 1).trim() : undefined;
  const meant = when === undefined || when === '' ? undefined : await timeMeant(when, now);
  if (meant === undefined) return { path: absolutePath(text), time: undefined, when: undefined };
  return { path: absolutePath(text.slice(0, at)), time: meant.end.epochNanoseconds - 1n, when };
}

/** A path as given by the user, absolute and without `.`, `..` and doubled slashes. */
export function absolutePath(text: string): ByteName {
  const expanded = text === '~' || text.startsWith('~/') ? `${homedir()}${text.slice(1)}` : text;
  const name = nameFromShown(expanded);
  // Slashes and dots are the same bytes in every encoding of names.
  return resolve(nameFromText(process.cwd()), name) as ByteName;
}
