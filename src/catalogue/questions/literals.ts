import { fold, isAscii } from './fold.ts';
import { SEPARATOR } from './name-page.ts';

/** Shorter texts are in so many names that looking for them first spares nothing. */
const MIN_LITERAL = 2;

/**
 * Texts that every name must contain, folded, for a glob over names to match it; with a separator where the name must begin or end. May miss some, never names
 * one too many.
 */
export function literalsOfGlob(glob: string): string[] {
  // Braces, groups, negations and escapes are left to the matcher, and so is the rest of a class that has begun before.
  if (/[{}()!\\]|^[^[]*\]/.test(glob)) return [];
  const runs = glob.split(/\[[^\]]*\]|[*?]|\[.*/);
  const marked = runs.map((run, i) => (i === 0 ? SEPARATOR : '') + run + (i === runs.length - 1 ? SEPARATOR : ''));
  return marked.flatMap(certain);
}

/** The same for a regular expression that may match anywhere in a name. */
export function literalsOfRegex(source: string): string[] {
  // Alternatives need none of their texts; what stands in groups may be optional.
  if (source.includes('|')) return [];
  const bare = withoutGroups(source);
  if (bare === undefined) return [];
  return bare
    .replace(/\[(?:\\.|[^\]\\])*\]/g, '.')
    .replace(/\\(?:u\{[^}]*\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|[pPk][{<][^}>]*[}>])/gi, '.')
    .replace(/\\[a-z0-9]/gi, '.')
    .replace(/(?:\\.|[^\\])(?:[*?]|\{[^}]*\})/g, '.')
    .split(/[.^$+*?{}]/)
    .flatMap((run) => certain(run.replace(/\\(.)/g, '$1')));
}

/** Letters beyond ASCII fold differently in each kind of matcher, so only what is ASCII is certain. */
function certain(run: string): string[] {
  return isAscii(run) && run.replaceAll(SEPARATOR, '').length >= MIN_LITERAL ? [fold(run)] : [];
}

/** The expression with a point for each group; undefined when that cannot be told easily. */
function withoutGroups(source: string): string | undefined {
  let rest = source.replace(/\\[()]/g, '.');
  while (rest.includes('(')) {
    const inner = rest.replace(/\([^()]*\)/g, '.');
    if (inner === rest) return undefined;
    rest = inner;
  }
  return rest;
}
