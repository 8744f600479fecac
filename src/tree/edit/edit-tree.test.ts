import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type Layout, special, storeTree } from '../../../test/support/stored-tree.ts';
import { nameFromText } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { MemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/types.ts';
import { DirectoryReader } from '../directory-reader.ts';
import type { Entry } from '../types.ts';
import { editTree, type NewEntry, NotADirectoryError, type TreeEdits } from './edit-tree.ts';

const EMPTY: NewEntry = {
  kind: 'directory',
  mode: 0o755,
  owner: { uid: 0, gid: 0, user: 'root', group: 'root' },
  mtime: { seconds: 1, nanoseconds: 0 },
};

function file(text: string): Entry {
  const bytes = Buffer.from(text);
  return { ...EMPTY, name: nameFromText('another'), kind: 'file', mode: 0o644, content: { kind: 'literal', bytes, size: bytes.length } };
}

/** Edits of `{ directory: { name: entry } }`. */
function edits(of: Readonly<Record<string, Readonly<Record<string, NewEntry | undefined>>>>): TreeEdits {
  const byName = (entries: Readonly<Record<string, NewEntry | undefined>>) =>
    new Map(Object.entries(entries).map(([name, entry]) => [nameFromText(name), entry] as const));
  return new Map(Object.entries(of).map(([path, entries]) => [nameFromText(path), byName(entries)] as const));
}

async function treeOf(store: Store, layout: Layout): Promise<string> {
  return digestToText((await storeTree(store, layout)).tree);
}

async function edited(store: Store, base: Digest | NewEntry, changes: TreeEdits): Promise<string> {
  return digestToText((await editTree(store, base, changes)).tree);
}

test('an edited tree is the one that would be stored from nothing, sums of all levels included', async () => {
  const store = new MemoryStore();
  const base = { a: { b: { c: 'old', d: 'stays' }, e: 'goes' }, f: { g: 'stays too' }, h: 'a file' };
  const { tree } = await storeTree(store, base);
  const changes = edits({ 'a/b': { c: file('longer than it was') }, a: { e: undefined, z: file('new') }, '': { h: EMPTY } });
  const expected = { a: { b: { c: 'longer than it was', d: 'stays' }, z: 'new' }, f: { g: 'stays too' }, h: {} };
  assert.equal(await edited(store, tree, changes), await treeOf(store, expected));
  const { root } = await editTree(store, tree, changes);
  assert.deepEqual(root.summary, { files: 4, bytes: 35 });
});

test('a tree without edits is the same tree', async () => {
  const store = new MemoryStore();
  const { tree } = await storeTree(store, { a: { b: 'text' } });
  assert.equal(await edited(store, tree, new Map()), digestToText(tree));
});

test('a tree grows from an empty directory, edits going on from those above them', async () => {
  const store = new MemoryStore();
  const changes = edits({ 'a/b': { c: file('deep') }, a: { b: EMPTY }, '': { a: EMPTY } });
  assert.equal(await edited(store, EMPTY, changes), await treeOf(store, { a: { b: { c: 'deep' } } }));
});

test('a directory changes its attributes and keeps what is in it', async () => {
  const store = new MemoryStore();
  const { tree, root } = await storeTree(store, { a: { b: 'text' }, c: 'more' });
  const before = await new DirectoryReader(store).lookup(root.content as never, nameFromText('a'));
  assert.ok(before);
  const a = { ...before, mode: 0o700 };
  const expected = await treeOf(store, { a: special({ ...a, name: nameFromText('a') }), c: 'more' });
  assert.equal(await edited(store, tree, edits({ '': { a } })), expected);
});

test('entries that are to stay do, and directories on the way to edits are not asked of', async () => {
  const store = new MemoryStore();
  const { tree } = await storeTree(store, { a: { b: 'text', c: 'goes' }, d: 'more' });
  const asked: string[] = [];
  const stays = ({ name }: Entry) => asked.push(name) > 0;
  const changes = edits({ a: { b: file('other'), c: undefined, e: file('new') }, '': { d: file('another') } });
  const made = await editTree(store, tree, changes, { stays });
  assert.equal(digestToText(made.tree), await treeOf(store, { a: { b: 'text', e: 'new' }, d: 'more' }));
  assert.deepEqual(asked, ['b', 'd']);
});

test('edits below what is no directory, or gone, are refused', async () => {
  const store = new MemoryStore();
  const { tree } = await storeTree(store, { a: { b: 'text' } });
  for (const path of ['a/b', 'nothing', 'a/nothing/deep'])
    await assert.rejects(edited(store, tree, edits({ [path]: { x: file('') } })), NotADirectoryError);
  await assert.rejects(edited(store, tree, edits({ '': { a: undefined }, a: { x: file('') } })), NotADirectoryError);
});

test('an edited tree can be edited again, before and after it is flushed', async (context) => {
  const store = new Datadir(join(scratchFolder(context), 'store'), {
    create: { hash: blake3, chunking: { minBytes: 4096, targetBytes: 16384, maxBytes: 65536 } },
  });
  context.after(() => store.close());
  const hold = await store.hold();
  let { tree } = await editTree(store, EMPTY, edits({ '': { a: EMPTY } }));
  const names: Record<string, string> = {};
  for (let i = 0; i < 200; i++) {
    names[`file ${i}`] = `text ${i}`;
    ({ tree } = await editTree(store, tree, edits({ a: { [`file ${i}`]: file(`text ${i}`) } })));
    if (i % 50 === 0) await store.flush();
  }
  assert.equal(digestToText(tree), await treeOf(store, { a: names }));
  await hold.release();
});

test('an edit stops when it is told to', async () => {
  const store = new MemoryStore();
  const { tree } = await storeTree(store, { a: { b: 'text' } });
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(editTree(store, tree, edits({ a: { b: file('') } as Record<string, Entry> }), { signal }), /enough/);
});
