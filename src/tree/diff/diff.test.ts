import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Layout, special, storeTree } from '../../../test/support/stored-tree.ts';
import type { ByteName } from '../../base/names.ts';
import { sha2_256 } from '../../hash/node-crypto.ts';
import { MemoryStore } from '../../store/memory.ts';
import { StoredTree, type TreeView } from '../view.ts';
import { walk } from '../walk.ts';
import { diffTrees } from './diff.ts';
import type { Change, DiffOptions } from './types.ts';

const long = (text: string) => `${text} `.repeat(100);

async function viewOf(layout: Layout, store = new MemoryStore()): Promise<StoredTree> {
  return new StoredTree(store, (await storeTree(store, layout)).root);
}

/** `modified a`, `moved b from c`. */
function show(change: Change): string {
  return `${change.kind} ${change.path || '/'}${'from' in change ? ` from ${change.from}` : ''}`;
}

async function diff(before: Layout, after: Layout, options?: DiffOptions): Promise<string[]> {
  const store = new MemoryStore();
  return (await diffTrees(await viewOf(before, store), await viewOf(after, store), options)).map(show);
}

/** A view that is not a StoredTree, so that nothing is skipped. */
function plain(view: StoredTree): TreeView {
  return {
    root: view.root,
    entries: (directory, path) => view.entries(directory, path),
    read: (file, path, range) => view.read(file, path, range),
  };
}

describe('diff', () => {
  test('finds nothing between equal trees', async () => {
    assert.deepEqual(await diff({ a: 'x', d: { b: long('y') } }, { a: 'x', d: { b: long('y') } }), []);
  });

  test('tells created, deleted, modified and attributes apart', async () => {
    const before = { same: 's', changed: 'one', gone: 'g', dir: { file: 'f' }, mode: special({ mode: 0o600 }) };
    const after = { same: 's', changed: 'two', new: 'n', dir: { file: 'F' }, mode: special({ mode: 0o644 }) };
    assert.deepEqual(await diff(before, after), [
      'modified changed',
      'modified dir/file',
      'deleted gone',
      'attributes mode',
      'created new',
    ]);
  });

  test('lists what is in new and in removed directories', async () => {
    assert.deepEqual(await diff({ old: { a: '1', b: {} } }, { new: { c: { d: '2' } } }), [
      'created new',
      'created new/c',
      'created new/c/d',
      'deleted old',
      'deleted old/a',
      'deleted old/b',
    ]);
  });

  test('shows a change of kind as a deletion and a creation', async () => {
    assert.deepEqual((await diff({ x: 'file' }, { x: { y: 'in' } })).sort(), ['created x', 'created x/y', 'deleted x']);
  });

  test('recognises a moved file, and prefers the one of the same name', async () => {
    assert.deepEqual(await diff({ a: long('a') }, { d: { b: long('a') } }), ['created d', 'moved d/b from a']);
    assert.deepEqual(await diff({ p: long('a'), q: { z: long('a') } }, { q: {}, r: { z: long('a') } }), [
      'deleted p',
      'created r',
      'moved r/z from q/z',
    ]);
  });

  test('takes short content for moved only under the same name, and empty files never', async () => {
    assert.deepEqual(await diff({ a: 'short' }, { b: 'short' }), ['deleted a', 'created b']);
    assert.deepEqual(await diff({ a: 'short' }, { d: { a: 'short' } }), ['created d', 'moved d/a from a']);
    assert.deepEqual(await diff({ a: '' }, { d: { a: '' } }), ['deleted a', 'created d', 'created d/a']);
  });

  test('shows a moved directory as one move', async () => {
    const inside = { a: long('a'), b: long('b'), c: { d: long('d') } };
    assert.deepEqual(await diff({ old: inside, keep: 'k' }, { keep: 'k', at: { new: inside } }), ['created at', 'moved at/new from old']);
  });

  test('shows a moved directory that changed as one move, and the changes inside it', async () => {
    const inside = { a: long('a'), b: long('b'), c: { d: long('d'), e: long('e') }, f: long('f') };
    assert.deepEqual(await diff({ old: inside }, { new: { ...inside, f: long('F'), g: long('g') } }), [
      'moved new from old',
      'modified new/f from old/f',
      'created new/g',
    ]);
  });

  test('sees a file that left a moved directory', async () => {
    const inside = { a: long('a'), b: long('b'), c: long('c') };
    const { c, ...rest } = inside;
    assert.deepEqual(await diff({ old: inside }, { new: rest, away: c }), ['moved away from old/c', 'moved new from old']);
  });

  test('sees a moved directory inside a moved directory', async () => {
    const deep = { x: long('x'), y: long('y'), z: long('z') };
    const before = { old: { one: deep, a: long('a'), b: long('b'), c: long('c') } };
    const after = { new: { two: { ...deep, z: long('Z') }, a: long('a'), b: long('b'), c: long('c') } };
    assert.deepEqual(await diff(before, after), ['moved new from old', 'moved new/two from old/one', 'modified new/two/z from old/one/z']);
  });

  test('recognises copies when asked to', async () => {
    const before = { a: long('a'), d: { b: long('b') } };
    const after = { ...before, copy: long('b') };
    assert.deepEqual(await diff(before, after), ['created copy']);
    assert.deepEqual(await diff(before, after, { copies: true }), ['copied copy from d/b']);
  });

  test('compares trees of stores that hash differently by their bytes', async () => {
    const a = await viewOf({ same: long('s'), other: long('a'), dir: { same: long('t') } });
    const b = await viewOf({ same: long('s'), other: long('b'), dir: { same: long('t') } }, new MemoryStore({ hash: sha2_256 }));
    assert.deepEqual((await diffTrees(a, b)).map(show), ['modified other']);
  });

  test('trusts size and time of live files unless told to compare bytes', async () => {
    const stored = await viewOf({ same: long('s'), sly: long('a') });
    const disk = await viewOf({ same: long('s'), sly: long('b') });
    const live: TreeView = {
      ...plain(disk),
      async *entries(directory, path) {
        for await (const entries of disk.entries(directory, path)) {
          yield entries.map(
            ({ content, ...entry }) => ({ ...entry, ...(entry.kind === 'directory' ? { content } : { size: content?.size }) }) as never,
          );
        }
      },
      read: (file, path, range) =>
        disk.read({ ...file, content: { kind: 'run', byte: path === 'sly' ? 0x62 : 0x73, size: 200, hole: false } }, path, range),
    };
    assert.deepEqual((await diffTrees(stored, live)).map(show), []);
    assert.deepEqual((await diffTrees(stored, live, { checksum: true })).map(show), ['modified same', 'modified sly']);
  });

  test('costs a few blocks for a change in a directory of 50 000 files', async () => {
    const layout: Record<string, string> = {};
    for (let i = 0; i < 50_000; i++) layout[`file${i}`] = String(i);
    const store = new MemoryStore();
    const before = await storeTree(store, layout);
    const after = await storeTree(store, { ...layout, file777: 'changed', extra: 'new' });
    store.counters.readBlocks = 0;
    const changes = await diffTrees(new StoredTree(store, before.root), new StoredTree(store, after.root));
    assert.deepEqual(changes.map(show), ['created extra', 'modified file777']);
    assert.ok(store.counters.readBlocks <= 20, `${store.counters.readBlocks}`);
  });

  test('skips by digest what a plain comparison would find equal', async () => {
    const name = fc.integer({ min: 0, max: 400 }).map((i) => `n${i}`);
    const layouts = fc.dictionary(
      name,
      fc.oneof(fc.constantFrom('1', '2'), fc.dictionary(name, fc.constantFrom('1', '2'), { maxKeys: 5, noNullPrototype: true })),
      {
        maxKeys: 300,
        size: 'max',
        noNullPrototype: true,
      },
    );
    await fc.assert(
      fc.asyncProperty(layouts, layouts, async (before, after) => {
        const store = new MemoryStore();
        const a = await viewOf(before as Layout, store);
        const b = await viewOf(after as Layout, store);
        assert.deepEqual((await diffTrees(a, b)).map(show), (await diffTrees(plain(a), plain(b))).map(show));
      }),
      { numRuns: 40 },
    );
  });

  test('leads from one tree to the other when its changes are applied', async () => {
    const file = fc.constantFrom(long('a'), long('b'), long('c'), 'tiny');
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const level = (below: fc.Arbitrary<unknown>) => fc.dictionary(name, fc.oneof(file, below), { maxKeys: 4, noNullPrototype: true });
    const layouts = level(level(level(file))) as fc.Arbitrary<Layout>;
    await fc.assert(
      fc.asyncProperty(layouts, layouts, async (before, after) => {
        const store = new MemoryStore();
        const a = await viewOf(before, store);
        const b = await viewOf(after, store);
        assert.deepEqual(apply(await pathsOf(a), await diffTrees(a, b)), await pathsOf(b));
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 300) },
    );
  });
});

type Paths = Record<string, string>;

async function pathsOf(view: StoredTree): Promise<Paths> {
  const paths: Paths = {};
  for await (const items of walk(view)) for (const { path, entry } of items) paths[path] = contentOf(entry);
  return paths;
}

function contentOf(entry: { kind: string; content?: unknown }): string {
  return entry.kind === 'directory' ? 'directory' : JSON.stringify(entry.content);
}

/** Deletions, then moves of what was (all at once), then the rest. */
function apply(before: Paths, changes: readonly Change[]): Paths {
  const paths = new Map(Object.entries(before));
  const below = (top: ByteName) => [...paths].filter(([path]) => path === top || path.startsWith(`${top}/`));
  const taken = changes.filter((change) => change.kind === 'moved').map(({ from, path }) => ({ from, path, items: below(from) }));
  for (const { items } of taken) for (const [path] of items) paths.delete(path);
  for (const change of changes) if (change.kind === 'deleted') paths.delete(change.path);
  // What was in a moved directory and moved elsewhere, or was deleted, has not come along.
  const gone = new Set(changes.flatMap((change) => (change.kind === 'moved' ? change.from : change.kind === 'deleted' ? change.path : [])));
  for (const { from, path, items } of taken) {
    for (const [old, content] of items) if (old === from || !isGone(old, from, gone)) paths.set(path + old.slice(from.length), content);
  }
  for (const change of changes)
    if (change.kind === 'created' || change.kind === 'modified') paths.set(change.path, contentOf(change.after));
  return Object.fromEntries([...paths].sort(([a], [b]) => (a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1)));
}

function isGone(path: string, top: string, gone: ReadonlySet<string>): boolean {
  for (let at: string = path; at.length > top.length; at = at.slice(0, at.lastIndexOf('/'))) if (gone.has(at)) return true;
  return false;
}
