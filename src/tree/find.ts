import picomatch from 'picomatch';
import { UsageError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import type { EntryKind, Time } from './types.ts';
import { lastName, sizeOf, type TreeView } from './view.ts';
import { type WalkItem, type WalkOptions, walk } from './walk.ts';

/** What an entry must be to be found; everything given must hold. */
export interface FindOptions extends Pick<WalkOptions, 'from' | 'maxDepth' | 'signal'> {
  /** A glob: with a slash it is held against the path from the top, else against the name. */
  readonly glob?: string;
  /** A JavaScript regular expression that must match somewhere in the path from the top. */
  readonly regex?: string;
  /** For glob and regex. */
  readonly ignoreCase?: boolean;
  readonly kinds?: readonly EntryKind[];
  /** Bounds of a file's size, inclusive. Given either, only files are found. */
  readonly minBytes?: number;
  readonly maxBytes?: number;
  /** Modified at or after, milliseconds since 1970. */
  readonly newerThanMs?: number;
  /** Modified before. */
  readonly olderThanMs?: number;
}

type Test = (item: WalkItem) => boolean;

/**
 * The entries of a tree that are as asked, in the order of a walk, in batches; the top itself is never one. Throws UsageError for a pattern
 * that cannot be read.
 */
export async function* find(view: TreeView, options: FindOptions): AsyncGenerator<WalkItem[]> {
  const tests = testsOf(options);
  for await (const items of walk(view, options)) {
    const found = items.filter((item) => item.depth > 0 && tests.every((test) => test(item)));
    if (found.length > 0) yield found;
  }
}

function testsOf(options: FindOptions): Test[] {
  const { glob, regex, kinds, minBytes, maxBytes, newerThanMs, olderThanMs } = options;
  const tests: Test[] = [];
  if (kinds) tests.push(({ entry }) => kinds.includes(entry.kind));
  if (minBytes !== undefined) tests.push(({ entry }) => entry.kind === 'file' && sizeOf(entry) >= minBytes);
  if (maxBytes !== undefined) tests.push(({ entry }) => entry.kind === 'file' && sizeOf(entry) <= maxBytes);
  if (newerThanMs !== undefined) tests.push(({ entry }) => millisecondsOf(entry.mtime) >= newerThanMs);
  if (olderThanMs !== undefined) tests.push(({ entry }) => millisecondsOf(entry.mtime) < olderThanMs);
  if (glob !== undefined) tests.push(globTest(glob, options.ignoreCase ?? false));
  if (regex !== undefined) tests.push(regexTest(regex, options.ignoreCase ?? false));
  return tests;
}

function globTest(glob: string, nocase: boolean): Test {
  const onPath = glob.includes('/');
  const pattern = glob.replace(/^\/+/, '');
  if (pattern === '') throw new UsageError(`not a pattern for names: ${JSON.stringify(glob)}`, 'Everything is found without one.');
  const matches = picomatch(pattern, { dot: true, nocase });
  return ({ path }) => matches(textOf(onPath ? path : lastName(path)));
}

function regexTest(source: string, ignoreCase: boolean): Test {
  let regex: RegExp;
  try {
    regex = new RegExp(source, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw new UsageError(`not a regular expression: ${source}`, (error as Error).message);
  }
  return ({ path }) => regex.test(textOf(path));
}

/** Patterns are text, so names are held against them as UTF-8; bytes that are none match as the replacement character. */
function textOf(path: ByteName): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** With the fraction that nanoseconds make. */
export function millisecondsOf({ seconds, nanoseconds }: Time): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
