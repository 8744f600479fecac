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

/** An escape, a class, a quantifier, or a single character. */
const TOKEN =
  /\\(?:u\{[^}]*\}|u[0-9a-f]{4}|x[0-9a-f]{2}|c[a-z]|[pP]\{[^}]*\}|k<[^>]*>|.)|\[(?:\\.|[^\]\\])*\]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gisu;

/** The same for a regular expression that may match anywhere in a name: the certain texts of each of its alternatives. */
export function literalsOfRegex(source: string): string[][] {
  const alternatives: string[][] = [];
  let literals: string[] = [];
  let run: string[] = [];
  let depth = 0;
  const end = (): void => {
    literals.push(...certain(run.join('')));
    run = [];
  };
  for (const [token] of source.matchAll(TOKEN)) {
    // What stands in groups may be optional, or an alternative.
    if (token === '(') depth++;
    const isCharacter = depth === 0 && (token.length === 1 ? !/[.^$()*+?|]/.test(token) : /^\\[^a-z0-9]$/i.test(token));
    if (token === ')') depth--;
    if (isCharacter) {
      run.push(token.slice(-1));
      continue;
    }
    if (/^(?:[*?]|\{0)/.test(token)) run.pop();
    end();
    if (token !== '|' || depth > 0) continue;
    alternatives.push(literals);
    literals = [];
  }
  end();
  return [...alternatives, literals];
}

/** Letters beyond ASCII fold differently in each kind of matcher, so only what is ASCII is certain. */
function certain(run: string): string[] {
  return isAscii(run) && run.replaceAll(SEPARATOR, '').length >= MIN_LITERAL ? [fold(run)] : [];
}
