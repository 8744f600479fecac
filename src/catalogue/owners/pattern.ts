import picomatch from 'picomatch';
import { type ByteName, nameFromText } from '../../base/names.ts';

/** One step of a pattern: a name as it is, a glob that one name must match, or any number of names (`**`). */
export type Component = { readonly kind: 'name'; readonly name: ByteName } | GlobComponent | { readonly kind: 'any' };

export interface GlobComponent {
  readonly kind: 'glob';
  readonly glob: string;
  readonly matches: (name: ByteName) => boolean;
}

/**
 * A pattern of folders: it claims whatever it matches and all below. It never ends in `any`, which would change nothing, nor has two in a
 * row.
 */
export interface FolderPattern {
  /** As it was written. */
  readonly text: string;
  /** Whether it begins at the home of each user, else at the top. */
  readonly fromHome: boolean;
  readonly components: readonly Component[];
}

const MAX_PATTERN_LENGTH = 4096;
/** Deeper patterns serve nobody, and each component costs the matcher a state. */
const MAX_COMPONENTS = 64;
const GLOB = /(?<!\\)[*?[\]{}]/;
const NAMED_BYTES = /\[[^\]]*[\x80-\xff]/;

/**
 * Reads a pattern: a path from the top (`/srv/www`), from each home (`~/.cache/*`), or from anywhere (two stars, a slash, then
 * `node_modules`). In a component `*` stands for any bytes, `?` for one byte, `[a-z]` for one of some, `{a,b}` for either, and a backslash
 * takes a character as it is. Names beginning with a dot are like others. Throws RangeError with what is wrong.
 */
export function parsePattern(text: string): FolderPattern {
  if (text.length > MAX_PATTERN_LENGTH) throw new RangeError(`is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (text.includes('\0')) throw new RangeError('has a NUL, which no path has');
  const fromHome = /^~(?=\/|$)/.test(text);
  if (!fromHome && !/^(\/|\*\*\/)/.test(text)) throw new RangeError(`must begin with /, ~/ or **/: ${text}`);
  const parts = (fromHome ? text.slice(1) : text).split('/').filter((part) => part !== '');
  while (parts.at(-1) === '**') parts.pop();
  const components = parts.filter((part, i) => part !== '**' || parts[i - 1] !== '**').map(componentOf);
  if (components.length > MAX_COMPONENTS) throw new RangeError(`is deeper than ${MAX_COMPONENTS} folders`);
  return { text, fromHome, components };
}

/** The pattern that matches one path alone. */
export function patternOfPath(path: ByteName): FolderPattern {
  const names = path.split('/').filter((name) => name !== '') as ByteName[];
  return { text: path, fromHome: false, components: names.map((name) => ({ kind: 'name', name })) };
}

function componentOf(part: string): Component {
  if (part === '**') return { kind: 'any' };
  if (part === '.' || part === '..') throw new RangeError(`must not have a ${part} in it`);
  if (part.includes('**')) throw new RangeError(`** must stand alone between slashes: ${part}`);
  const glob = nameFromText(part);
  if (!GLOB.test(part)) return { kind: 'name', name: glob.replace(/\\(.)/gs, '$1') as ByteName };
  if (NAMED_BYTES.test(glob)) throw new RangeError(`only ASCII may stand in brackets: ${part}`);
  return { kind: 'glob', glob, matches: testOf(glob, part) };
}

/** Most globs are an ending or a beginning, which need no regular expression. */
function testOf(glob: ByteName, part: string): (name: ByteName) => boolean {
  const [, ending] = /^\*([^*?[\]{}\\]+)$/.exec(glob) ?? [];
  if (ending !== undefined) return (name) => name.endsWith(ending);
  const [, beginning] = /^([^*?[\]{}\\]+)\*$/.exec(glob) ?? [];
  if (beginning !== undefined) return (name) => name.startsWith(beginning);
  try {
    // Parentheses have no meaning here, and stand in many a name.
    const plain = glob.replace(/(?<!\\)[()|]/g, '\\$&').replace(/(?<!\\)\[!/g, '[^');
    const regex = picomatch.makeRe(plain, { dot: true, nonegate: true, noextglob: true, strictBrackets: true, literalBrackets: false });
    return (name) => regex.test(name);
  } catch (error) {
    throw new RangeError(`is no glob: ${part} (${(error as Error).message})`);
  }
}
