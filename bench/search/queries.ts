import type { SearchQuestion } from '../../src/catalogue/questions/search.ts';

/** One kind of query, as both programs are asked it. */
export interface Query {
  readonly kind: string;
  readonly question: SearchQuestion;
  readonly varve: readonly string[];
  readonly plocate: readonly string[];
}

/** Words that occur in a tree often, now and then, and once, with what else queries are made of. */
export interface Words {
  readonly common: string;
  readonly medium: string;
  readonly rare: string;
  /** The whole name of one file. */
  readonly name: string;
  readonly extension: string;
  readonly folder: string;
}

/** Picks words from the names of a tree, the same from the same names. */
export function wordsOf(names: readonly string[], folders: readonly string[]): Words {
  const counts = countOf(names.flatMap((name) => name.toLowerCase().match(/[a-z]{4,}|[0-9]{5,}/g) ?? []));
  const extensions = countOf(names.flatMap((name) => /\.([a-z]{1,4})$/.exec(name)?.[1] ?? []));
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const wanted = Math.sqrt(names.length);
  const medium = byCount.find(([, count]) => count <= wanted) ?? byCount[0];
  const plain = names.filter((name) => /^[a-z0-9._-]{6,}$/.test(name));
  return {
    common: byCount[0]?.[0] ?? 'a',
    medium: medium?.[0] ?? 'a',
    rare: byCount.at(-1)?.[0] ?? 'a',
    name: plain[plain.length >> 1] ?? 'a',
    extension: [...extensions].sort(([, m], [, n]) => n - m)[0]?.[0] ?? 'c',
    folder: folders[folders.length >> 1] ?? 'a',
  };
}

/** Twenty kinds of query, from one letter to expressions over whole paths. */
export function queriesOf({ common, medium, rare, name, extension, folder }: Words): Query[] {
  const absent = 'zqxjkvbp';
  return [
    text('common word', common),
    text('word', medium),
    text('rare word', rare),
    text('absent word', absent),
    text('whole name', name),
    text('one letter', 'e'),
    text('two letters', common.slice(0, 2)),
    text('word, any case', medium.toUpperCase(), 'ignore'),
    text('rare word, any case', rare.toUpperCase(), 'ignore'),
    several('two words', [common, extension]),
    several('three words', [common.slice(0, 3), medium.slice(0, 3), extension]),
    pattern('extension', 'glob', `*.${extension}`),
    pattern('beginning', 'glob', `${common}*`),
    pattern('beginning and end', 'glob', `${medium}*.${extension}`),
    pattern('class of characters', 'glob', `*[0-9]${rare.slice(-2)}*`),
    pattern('expression, end', 'regex', `[0-9]{2}7\\.${extension}$`),
    pattern('expression, beginning', 'regex', `^${medium}.*[0-9]`),
    pattern('expression, alternatives', 'regex', `${rare}|${name.replaceAll('.', '\\.')}`),
    path('word in the path', folder),
    path('part of a path', `/${folder}/${common.slice(0, 3)}`),
  ];
}

function text(kind: string, word: string, caseRule: 'exact' | 'ignore' = 'exact'): Query {
  return {
    kind,
    question: { words: [word], caseRule },
    varve: [caseRule === 'exact' ? '--case-sensitive' : '--ignore-case', word],
    plocate: ['--basename', ...(caseRule === 'ignore' ? ['--ignore-case'] : []), word],
  };
}

function several(kind: string, words: readonly string[]): Query {
  return {
    kind,
    question: { words, caseRule: 'exact' },
    varve: ['--case-sensitive', ...words],
    plocate: ['--basename', '--all', ...words],
  };
}

function pattern(kind: string, type: 'glob' | 'regex', word: string): Query {
  return {
    kind,
    question: { words: [word], pattern: type, caseRule: 'exact' },
    varve: ['--case-sensitive', `--${type}`, word],
    plocate: ['--basename', ...(type === 'regex' ? ['--regex'] : []), word],
  };
}

function path(kind: string, word: string): Query {
  return {
    kind,
    question: { words: [word], caseRule: 'exact', wholePaths: true },
    varve: ['--case-sensitive', '--path', word],
    plocate: ['--wholename', word],
  };
}

function countOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
