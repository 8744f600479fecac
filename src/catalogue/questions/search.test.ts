import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import picomatch from 'picomatch';
import { CatalogueFill, DIRECTORY, FILE } from '../../../test/support/catalogue/fill.ts';
import { fillInvented, inventedName } from '../../../test/support/catalogue/invented-tree.ts';
import { campaignRandom, Random } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromText, nameToBytes } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { openForReading, openForWriting } from '../database.ts';
import { NODE_COLUMNS } from '../rows.ts';
import { clearNames, indexNames } from './name-index.ts';
import { type SearchQuestion, search } from './search.ts';

describe('search', () => {
  it('finds by every pattern what looking at each path finds, however much of the names is indexed', (context) => {
    findAsModel(context, campaignRandom(context));
  });

  // Found by this seed: a text beyond ASCII with a capital, beside a byte that is no UTF-8, was not folded in the index.
  it('finds the same for a seed that once failed', (context) => findAsModel(context, new Random(24567492), FIRST_PATTERNS));

  it('finds characters beyond ASCII beside bytes that are no UTF-8, in both cases', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['É文σ', 'é文']) fill.add(root, `${nameFromText(name)}\xc3` as ByteName, { type: FILE, size: 1 });
      for (let i = 0; i < 126; i++) fill.add(root, nameFromText(`file-${i}`), { type: FILE, size: i });
    });
    for (const isIndexed of [false, true]) {
      if (isIndexed) while (indexNames(database, 100));
      assert.equal(pathsOf(database, { words: ['É文'] }).length, 1);
      assert.equal(pathsOf(database, { words: ['é文'] }).length, 2);
      assert.equal(pathsOf(database, { words: ['é文'], caseRule: 'exact' }).length, 1);
    }
  });

  it('finds a renamed file by its new name alone', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (let i = 0; i < 300; i++) fill.add(root, nameFromText(`file-${i}.txt`), { type: FILE, size: i });
    });
    while (indexNames(database, 100));
    database.prepare('UPDATE node SET name = ? WHERE name = ?').run(Buffer.from('renamed'), Buffer.from('file-7.txt'));
    assert.deepEqual(pathsOf(database, { words: ['renamed'] }), ['/r/renamed']);
    assert.deepEqual(pathsOf(database, { words: ['file-7.txt'] }), []);
  });

  it('counts a node once whose name came back to what it had been', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (let i = 0; i < 256; i++) fill.add(root, nameFromText(`file-${i}`), { type: FILE, size: i });
    });
    for (const prefix of ['other', 'file', 'other', 'file']) {
      while (indexNames(database, 100));
      database.prepare("UPDATE node SET name = CAST(? || '-' || size AS BLOB) WHERE kind = 8").run(prefix);
    }
    while (indexNames(database, 100));
    assert.equal(pathsOf(database, { words: ['file-'] }).length, 256);
    assert.deepEqual(pathsOf(database, { words: ['other-'] }), []);
  });

  it('takes case as meant where a word has a capital, and as unimportant elsewhere', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['README', 'readme', 'ÉTÉ', 'été']) fill.add(root, nameFromText(name), { type: FILE, size: 1 });
    });
    assert.equal(pathsOf(database, { words: ['readme'] }).length, 2);
    assert.equal(pathsOf(database, { words: ['README'] }).length, 1);
    assert.equal(pathsOf(database, { words: ['README'], caseRule: 'ignore' }).length, 2);
    assert.equal(pathsOf(database, { words: ['readme'], caseRule: 'exact' }).length, 1);
    assert.equal(pathsOf(database, { words: ['été'] }).length, 2);
  });

  it('finds by extension, MIME type, digest and owner', (context) => {
    const digest = blake3.hash(Buffer.from('x'));
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      fill.add(root, 'a.PNG' as ByteName, { type: FILE, size: 1, uid: 7 });
      fill.add(root, 'b.jpeg' as ByteName, { type: FILE, size: 1, digest });
      fill.add(root, 'png' as ByteName, { type: FILE, size: 1 });
    });
    assert.deepEqual(pathsOf(database, { words: [], extensions: ['png'] }), ['/r/a.PNG']);
    assert.deepEqual(pathsOf(database, { words: [], mime: 'image/*' }), ['/r/a.PNG', '/r/b.jpeg']);
    assert.deepEqual(pathsOf(database, { words: [], digest }), ['/r/b.jpeg']);
    assert.deepEqual(pathsOf(database, { words: [], uids: [7] }), ['/r/a.PNG']);
    assert.throws(() => pathsOf(database, { words: [], mime: 'no/such' }), UsageError);
  });

  it('gives fuzzy results best first', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (const name of ['catalogue', 'c-a-t', 'cat', 'act', 'cabinet']) fill.add(root, name as ByteName, { type: FILE, size: 1 });
    });
    const found = [...search(database, { words: ['cat'], pattern: 'fuzzy' })].flat().map(({ path }) => path);
    assert.deepEqual(found, ['/r/cat', '/r/catalogue', '/r/c-a-t', '/r/cabinet']);
  });

  it('chooses the best fuzzy results among those that are as asked, however many others are better', (context) => {
    const { database } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (let i = 0; i < 5000; i++) fill.add(root, `cat-${i}` as ByteName, { type: FILE, size: 1 });
      const folder = fill.add(root, 'folder' as ByteName, { type: DIRECTORY, size: 4096 });
      fill.add(folder, 'the cabinet.txt' as ByteName, { type: FILE, size: 1 });
      fill.add(folder, 'the long cabinet.txt' as ByteName, { type: FILE, size: 2 });
    });
    const ask = (filters: Partial<SearchQuestion>) =>
      [...search(database, { words: ['cat'], pattern: 'fuzzy', ...filters })].flat().map(({ path }) => path);
    const both = ['/r/folder/the cabinet.txt', '/r/folder/the long cabinet.txt'];
    for (const isIndexed of [false, true]) {
      if (isIndexed) while (indexNames(database, 100));
      assert.deepEqual(ask({ extensions: ['txt'] }), both);
      assert.deepEqual(ask({ below: '/r/folder' as ByteName }), both);
      assert.deepEqual(ask({ minBytes: 2 }), both.slice(1));
      assert.deepEqual(ask({ accepts: (path) => path.includes('long') }), both.slice(1));
    }
  });

  it('refuses a regular expression that cannot be read', (context) => {
    const { database } = catalogue(context, () => {});
    assert.throws(() => pathsOf(database, { words: ['('], pattern: 'regex' }), UsageError);
  });

  it('is answered by a reader while the index is being made', (context) => {
    const { database, path } = catalogue(context, (fill) => {
      const root = fill.root('/r' as ByteName);
      for (let i = 0; i < 1000; i++) fill.add(root, nameFromText(`file-${i}`), { type: FILE, size: i });
    });
    const reader = openForReading(path) as DatabaseSync;
    context.after(() => reader.close());
    do assert.equal(pathsOf(reader, { words: ['file-'] }).length, 1000);
    while (indexNames(database, 0));
    clearNames(database);
    assert.equal(pathsOf(reader, { words: ['file-'] }).length, 1000);
  });
});

/** Asks a catalogue that changes, and whose index is never quite there, many questions. */
function findAsModel(context: TestContext, random: Random, patterns = PATTERNS): void {
  const { database } = catalogue(context, (fill) => fillInvented(fill, random, 1500));
  let hits = 0;
  for (let round = 0; round < 6; round++) {
    if (round > 0) change(database, random);
    if (round !== 3) while (indexNames(database, 1) && random.chance(0.8));
    const model = modelOf(database);
    for (let i = 0; i < 60; i++) {
      const question = inventedQuestion(random, model, patterns);
      const expected = model.filter((node) => naive(node, question)).map(({ path }) => path);
      assert.deepEqual(pathsOf(database, question), expected.sort(), JSON.stringify(question));
      if (expected.length > 0) hits++;
    }
  }
  assert.ok(hits > 50, `only ${hits} questions had an answer`);
}

interface ModelNode {
  readonly path: ByteName;
  readonly name: string;
  readonly type: number;
  readonly size: number;
}

function catalogue(context: TestContext, fillIn: (fill: CatalogueFill) => void): { database: DatabaseSync; path: string } {
  const path = join(scratchFolder(context), 'catalogue.db');
  const database = openForWriting(path);
  context.after(() => database.close());
  const fill = new CatalogueFill(database);
  fillIn(fill);
  fill.finish();
  return { database, path };
}

function pathsOf(database: DatabaseSync, question: SearchQuestion): string[] {
  return [...search(database, question)]
    .flat()
    .map(({ path }) => path)
    .sort();
}

/** Renames, moves, removes and adds nodes, as the writer would: rows alone. */
function change(database: DatabaseSync, random: Random): void {
  const nodes = database.prepare('SELECT id, kind FROM node WHERE parent <> 0').all() as { id: number; kind: number }[];
  const folders = nodes.filter(({ kind }) => kind === DIRECTORY);
  const free = database.prepare('SELECT 1 FROM node WHERE parent = ? AND name = ?');
  for (let i = 0; i < 300; i++) {
    const { id, kind } = random.pick(nodes);
    const name = nameToBytes(inventedName(random));
    const parent = random.pick(folders).id;
    if (free.get(parent, name) !== undefined) continue;
    if (random.chance(0.2)) {
      if (kind !== DIRECTORY) database.prepare('DELETE FROM node WHERE id = ?').run(id);
    } else if (kind !== DIRECTORY) database.prepare('UPDATE node SET parent = ?, name = ? WHERE id = ?').run(parent, name, id);
    else database.prepare('UPDATE OR IGNORE node SET name = ? WHERE id = ?').run(name, id);
  }
  let next = 1 + (database.prepare('SELECT max(id) AS last FROM node').get()?.last as number);
  for (let i = 0; i < 200; i++) {
    database
      .prepare(
        `INSERT OR IGNORE INTO node (${NODE_COLUMNS})
         SELECT ?, ?, ?, kind, 7, 8, mtime, ctime, 0, mode, uid, 0, 1, ?, 1, NULL FROM node WHERE kind = 8 LIMIT 1`,
      )
      .run(next, random.pick(folders).id, nameToBytes(inventedName(random)), next);
    next++;
  }
}

function modelOf(database: DatabaseSync): ModelNode[] {
  const rows = database.prepare('SELECT id, parent, name, kind, size FROM node').all();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const path = (id: unknown): string | undefined => {
    const row = byId.get(id as number);
    if (row === undefined) return undefined;
    const name = Buffer.from(row.name as Uint8Array).toString('latin1');
    return row.parent === 0 ? name : `${path(row.parent)}/${name}`;
  };
  return rows.map((row) => {
    const whole = path(row.id) as ByteName;
    return { path: whole, name: whole.slice(whole.lastIndexOf('/') + 1), type: row.kind as number, size: row.size as number };
  });
}

const WORDS = [
  'a',
  'b',
  'ab',
  'report',
  'img_',
  'Ab',
  '-01',
  'txt',
  '.jpg',
  'é',
  'Σ',
  'σ',
  '文',
  "'",
  '"',
  '%',
  '\\',
  '\n',
  '[x]',
  'a/',
  '/a',
  'b/a',
  '/',
  'report/b',
  'nted',
];
const GLOBS = ['*.jpg', 'a*', '*report*', 'A?', '*[0-9]*', '*.{txt,jpg}', '**/a*/*.txt', '/invented/*', '**/report/**', '!*a*', '*é*'];
const REGEXES = [
  '^a',
  'jpg$',
  '[0-9]{4}',
  'a|b',
  'rep(ort)?',
  'r.*t',
  '/a[^/]*$',
  '\\.txt',
  'IMG_',
  'ab+',
  'é',
  'rt/',
  '\\bab\\b',
  'x?port',
  '2024.{0,3}a',
  '[0-9]{2}4\\.txt',
  'rep[(]?ort',
  '-0{1,2}1\\.',
  'a{0}b',
  '(?:a|b)+\\.jpg',
  'report\\+?',
  '\\x61b',
];

interface Patterns {
  readonly globs: readonly string[];
  readonly regexes: readonly string[];
}

/** What the seed that once failed was asked. */
const FIRST_PATTERNS: Patterns = { globs: GLOBS, regexes: REGEXES };
/** With those of which folded names do not tell all, or do so only at first sight. */
const PATTERNS: Patterns = {
  globs: [...GLOBS, '[!a]*', '*[^b]?', 'a!(b)*', '[A-M]*[0-9]?', '?'],
  regexes: [...REGEXES, '[^a]b', '^[^A-Z]', '(?!re)po', '(?<!R)e', '(?-i:A)', '\\P{Lu}', '^\\p{Lu}', '[A-F]\\W', '(.)\\1'],
};

function inventedQuestion(random: Random, model: readonly ModelNode[], { globs, regexes }: Patterns): SearchQuestion {
  const pattern = random.pick(['text', 'text', 'glob', 'regex'] as const);
  const from = pattern === 'text' ? WORDS : pattern === 'glob' ? globs : regexes;
  const words = Array.from({ length: random.below(3) }, () => random.pick(from));
  if (pattern === 'text' && random.chance(0.3)) words.push(Buffer.from(random.pick(model).path.slice(-5), 'latin1').toString());
  return {
    words: words.filter((word) => !word.includes('\ufffd')),
    pattern,
    caseRule: random.pick(['smart', 'ignore', 'exact'] as const),
    wholePaths: random.chance(0.3),
    ...(random.chance(0.3) && { minBytes: random.below(50) }),
    ...(random.chance(0.2) && { kinds: ['directory' as const] }),
    ...(random.chance(0.2) && { extensions: random.pick([['jpg'], ['txt', 'jpg']]) }),
    ...(random.chance(0.3) && { below: random.pick(model.filter(({ type }) => type === DIRECTORY)).path }),
  };
}

/** What `search` promises, one node at a time and without an index. */
function naive(node: ModelNode, question: SearchQuestion): boolean {
  const { words, pattern, caseRule, wholePaths, minBytes, kinds, extensions, below } = question;
  if (minBytes !== undefined && (node.type !== FILE || node.size < minBytes)) return false;
  if (kinds !== undefined && node.type !== DIRECTORY) return false;
  if (extensions !== undefined && !extensions.some((extension) => node.name.toLowerCase().endsWith(`.${extension}`))) return false;
  if (below !== undefined && !node.path.startsWith(`${below}/`)) return false;
  return words.every((word) => {
    const exact = caseRule === 'exact' || (caseRule === 'smart' && /\p{Lu}/u.test(word.replace(/\\[A-Z]/g, '')));
    const subject = wholePaths || word.includes('/') ? node.path : node.name;
    if (pattern === 'glob') return picomatch(word, { dot: true, nocase: !exact })(Buffer.from(subject, 'latin1').toString());
    if (pattern === 'regex') return new RegExp(word, exact ? 'u' : 'iu').test(Buffer.from(subject, 'latin1').toString());
    const bytes = nameFromText(word);
    return exact ? subject.includes(bytes) : lower(subject).includes(lower(bytes));
  });
}

const lowered = new Map<string, string>();

/** Every character that stands in the bytes by itself, in small letters. */
function lower(path: string): string {
  let result = lowered.get(path);
  if (result !== undefined) return result;
  const bytes = Buffer.from(path, 'latin1');
  result = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => isText(bytes.subarray(at, at + count)));
    const character = bytes.subarray(at, at + (length ?? 1));
    at += character.length;
    result += length === undefined ? character.toString('latin1') : nameFromText(character.toString().toLowerCase().replace('ς', 'σ'));
  }
  lowered.set(path, result);
  return result;
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}
