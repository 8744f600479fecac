import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Layout, special, storeTree } from '../../test/support/stored-tree.ts';
import { UsageError } from '../base/errors.ts';
import { nameFromText } from '../base/names.ts';
import { MemoryStore } from '../store/memory.ts';
import { type FindOptions, find } from './find.ts';
import { findEntry } from './resolve-reference.ts';
import { NotAFileError, StoredTree } from './view.ts';
import { type WalkItem, walk } from './walk.ts';

const layout: Layout = {
  'a.txt': 'a'.repeat(10),
  'b.TXT': special({ mtime: { seconds: 1000, nanoseconds: 0 } }),
  docs: { 'c.txt': 'c'.repeat(3000), 'größe.md': 'g', '.hidden': { 'd.txt': 'd' } },
  link: special({ kind: 'symlink', target: nameFromText('a.txt') }),
};

async function viewOf(tree: Layout, store = new MemoryStore()): Promise<StoredTree> {
  return new StoredTree(store, (await storeTree(store, tree)).root);
}

async function collect(batches: AsyncIterable<WalkItem[]>): Promise<string[]> {
  const paths: string[] = [];
  for await (const items of batches) paths.push(...items.map(({ path }) => Buffer.from(path, 'latin1').toString()));
  return paths;
}

const view = await viewOf(layout);

describe('a walk', () => {
  test('meets every entry once, directories before what is in them', async () => {
    assert.deepEqual(await collect(walk(view)), [
      '',
      'a.txt',
      'b.TXT',
      'docs',
      'docs/.hidden',
      'docs/.hidden/d.txt',
      'docs/c.txt',
      'docs/größe.md',
      'link',
    ]);
  });

  test('goes as deep as asked, and begins where asked', async () => {
    const entry = await findEntry(view.directories, view.root, [nameFromText('docs')]);
    const from = { path: nameFromText('docs'), entry };
    assert.deepEqual(await collect(walk(view, { maxDepth: 1, from })), ['docs', 'docs/.hidden', 'docs/c.txt', 'docs/größe.md']);
  });

  test('stays out of directories as told', async () => {
    assert.deepEqual(await collect(walk(view, { into: ({ path }) => path !== 'docs' })), ['', 'a.txt', 'b.TXT', 'docs', 'link']);
  });

  test('survives 1000 levels', async () => {
    let deep: Layout = { bottom: 'b' };
    for (let i = 0; i < 1000; i++) deep = { d: deep };
    assert.equal((await collect(walk(await viewOf(deep)))).length, 1002);
  });

  test('meets 30 000 entries in order', async () => {
    const wide: Record<string, string> = {};
    for (let i = 0; i < 30_000; i++) wide[`f${String(i).padStart(5, '0')}`] = '';
    assert.deepEqual(await collect(walk(await viewOf(wide))), ['', ...Object.keys(wide)]);
  });

  test('throws the reason of an aborted signal', async () => {
    await assert.rejects(collect(walk(view, { signal: AbortSignal.abort(new Error('enough')) })), /enough/);
  });
});

describe('find', () => {
  const cases: [string, FindOptions, string[]][] = [
    ['a name', { glob: '*.txt' }, ['a.txt', 'docs/.hidden/d.txt', 'docs/c.txt']],
    ['a name in any case', { glob: '*.txt', ignoreCase: true }, ['a.txt', 'b.TXT', 'docs/.hidden/d.txt', 'docs/c.txt']],
    ['a path', { glob: 'docs/*.txt' }, ['docs/c.txt']],
    ['a path from the top', { glob: '/docs/**/*.txt' }, ['docs/.hidden/d.txt', 'docs/c.txt']],
    ['a name beyond ASCII', { glob: 'gr?ße*' }, ['docs/größe.md']],
    ['a regular expression', { regex: '^docs/[c-d]' }, ['docs/c.txt']],
    ['a kind', { kinds: ['symlink', 'directory'] }, ['docs', 'docs/.hidden', 'link']],
    ['a least size', { minBytes: 10 }, ['a.txt', 'docs/c.txt']],
    ['a greatest size', { maxBytes: 0 }, ['b.TXT']],
    ['a time', { newerThanMs: 1_000_000 }, ['b.TXT']],
    ['everything of several', { glob: '*.txt', minBytes: 100 }, ['docs/c.txt']],
  ];
  for (const [what, options, expected] of cases) {
    test(`finds by ${what}`, async () => assert.deepEqual(await collect(find(view, options)), expected));
  }

  test('refuses what is no regular expression', async () => {
    await assert.rejects(collect(find(view, { regex: '(' })), UsageError);
  });

  test('refuses a glob that no name can match, since nothing is left of it', async () => {
    for (const glob of ['', '/', '//']) await assert.rejects(collect(find(view, { glob })), UsageError);
  });
});

describe('a stored tree', () => {
  test('gives the bytes of a file, and any range of them', async () => {
    const entry = await findEntry(view.directories, view.root, [nameFromText('docs'), nameFromText('c.txt')]);
    const read = async (offset: number, length: number) =>
      Buffer.concat(await Array.fromAsync(view.read(entry, nameFromText('docs/c.txt'), { offset, length })));
    assert.equal((await read(0, 5000)).toString(), 'c'.repeat(3000));
    assert.equal((await read(2998, 10)).toString(), 'cc');
  });

  test('refuses to give the bytes of what is no file', () => {
    assert.throws(() => view.read(view.root, nameFromText('')), NotAFileError);
  });
});
