import { createRequire } from 'node:module';
import { UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { fold, textOf } from './fold.ts';
import { literalsOfGlob, literalsOfRegex } from './literals.ts';
import { SEPARATOR } from './name-page.ts';

/** Folded bytes: all of one of the lists are in a name. They may hold separators. An empty list says that nothing is certain. */
export type Needles = readonly (readonly string[])[];

export type PatternKind = 'text' | 'glob' | 'regex' | 'fuzzy';
export type CaseRule = 'smart' | 'ignore' | 'exact';

/** One word of a search: what a name, or a whole path, must be like. */
export interface Term {
  readonly on: 'name' | 'path';
  /** What is in every name that this term can match by itself. */
  readonly needles: Needles;
  /** Of a plain text on paths: a path that contains it, so that all that lies below does so too. */
  readonly contains?: (path: string) => boolean;
  /** Whether a name can match that folds to this text of ASCII; absent where only the name itself tells. */
  readonly mayMatch?: (folded: string) => boolean;
  /** Whether the name, or path, matches. Folded and as text are made once for all terms. */
  test(subject: Subject): boolean;
}

/** A name or path in the forms that terms look at, each made when first asked for. */
export class Subject {
  readonly bytes: ByteName;
  #folded: string | undefined;
  #text: string | undefined;

  constructor(bytes: ByteName) {
    this.bytes = bytes;
  }
  get folded(): string {
    this.#folded ??= fold(this.bytes);
    return this.#folded;
  }
  get text(): string {
    this.#text ??= textOf(this.bytes);
    return this.#text;
  }
}

/** Reads a word. One that holds a slash is about paths. Throws UsageError for a pattern that cannot be read. */
export function readTerm(kind: Exclude<PatternKind, 'fuzzy'>, word: string, caseRule: CaseRule, wholePaths: boolean): Term {
  const exact = caseRule === 'exact' || (caseRule === 'smart' && /\p{Lu}/u.test(kind === 'regex' ? word.replace(/\\[A-Z]/g, '') : word));
  if (kind === 'regex') return regexTerm(word, exact, wholePaths);
  const on = wholePaths || word.includes(SEPARATOR) ? 'path' : 'name';
  return kind === 'glob' ? globTerm(word, exact, on) : textTerm(nameFromText(word), exact, on);
}

function textTerm(word: ByteName, exact: boolean, on: Term['on']): Term {
  const folded = fold(word);
  const has = (path: string): boolean => (exact ? path.includes(word) : fold(path).includes(folded));
  const test = (subject: Subject): boolean => (exact ? subject.bytes.includes(word) : subject.folded.includes(folded));
  if (on === 'name') return { on, needles: [[folded]], test };
  return { on, needles: [[lastPart(folded)].filter((needle) => needle !== '')], contains: has, test };
}

/** The part of a text with slashes that must stand in the name which completes it in a path. */
function lastPart(text: string): string {
  const end = text.endsWith(SEPARATOR) ? text.length - 1 : text.length;
  const slash = text.lastIndexOf(SEPARATOR, end - 1);
  return text.slice(end === 0 ? end : Math.max(0, slash)).replace(/^\/$/, '');
}

function globTerm(glob: string, exact: boolean, on: Term['on']): Term {
  // Few searches need it, and it is a third of what a search has to load.
  const picomatch = createRequire(import.meta.url)('picomatch') as typeof import('picomatch');
  const matcher = (nocase: boolean): RegExp => picomatch.makeRe(glob, { dot: true, nocase });
  let regex: RegExp;
  try {
    regex = matcher(!exact);
  } catch (error) {
    throw new UsageError(`not a pattern: ${glob}`, (error as Error).message);
  }
  // What a whole path must be like says of its last name what that must be like.
  const last = glob.slice(glob.lastIndexOf(SEPARATOR) + 1);
  const needles = [glob.startsWith('!') ? [] : literalsOfGlob(last)];
  const mayMatch = on === 'name' ? onFolded(matcher(true), glob) : {};
  return { on, needles, ...mayMatch, test: ({ text }) => regex.test(text) };
}

function regexTerm(source: string, exact: boolean, wholePaths: boolean): Term {
  let regex: RegExp;
  try {
    regex = new RegExp(source, exact ? 'u' : 'iu');
  } catch (error) {
    throw new UsageError(`not a regular expression: ${source}`, (error as Error).message);
  }
  const test = ({ text }: Subject): boolean => regex.test(text);
  if (wholePaths || source.includes(SEPARATOR)) return { on: 'path', needles: [[]], test };
  return { on: 'name', needles: literalsOfRegex(source), ...onFolded(new RegExp(source, 'iu'), source), test };
}

/** What a pattern does not match when case is ignored, but may when it counts: complements of classes and of Unicode's properties, what must not follow, and groups in which it counts all the same. */
const COMPLEMENT = /\[[!^]|!|\\[pP]|\(\?[a-z]*-/i;

/** What a pattern that ignores case tells of folded names, where that is certain. */
function onFolded(anyCase: RegExp, source: string): Pick<Term, 'mayMatch'> {
  return COMPLEMENT.test(source) ? {} : { mayMatch: (folded) => anyCase.test(folded) };
}
