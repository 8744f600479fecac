import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Layout, storeTree } from '../../../test/support/stored-tree.ts';
import { MemoryStore } from '../../store/memory.ts';
import { StoredTree } from '../view.ts';
import { type UsageOptions, usageOf } from './usage.ts';

const bytes = (seed: string, size: number) => seed.repeat(size).slice(0, size);

async function treesOf(...layouts: Layout[]): Promise<{ store: MemoryStore; trees: StoredTree[] }> {
  const store = new MemoryStore();
  const trees: StoredTree[] = [];
  for (const layout of layouts) trees.push(new StoredTree(store, (await storeTree(store, layout)).root));
  return { store, trees };
}

/** Nodes of directories are left out by rounding: content here comes in whole thousands. */
async function usage(tree: StoredTree | undefined, options?: UsageOptions): Promise<string[]> {
  assert.ok(tree);
  const lines: string[] = [];
  for await (const { path, files, bytes, uniqueBytes, sharedBytes } of usageOf(tree, options)) {
    lines.push(`${path || '/'} ${files} ${bytes} ${Math.floor(uniqueBytes / 1000)}k ${Math.floor(sharedBytes / 1000)}k`);
  }
  return lines;
}

describe('usage', () => {
  const small = bytes('s', 1000);
  const large = bytes('large', 1000);
  const before: Layout = { a: small, d: { b: large, e: { c: bytes('c', 1000) } } };
  const after: Layout = { ...before, d: { b: large, new: bytes('new', 1000) } };

  test('sums up directories, each after those in it', async () => {
    const { trees } = await treesOf(before);
    assert.deepEqual(await usage(trees[0]), ['d/e 1 1000 1k 0k', 'd 2 2000 2k 0k', '/ 3 3000 3k 0k']);
  });

  test('tells what only this tree has from what others have, too', async () => {
    const { trees } = await treesOf(before, after);
    assert.deepEqual(await usage(trees[1], { others: trees.slice(0, 1) }), ['d 2 2000 1k 1k', '/ 3 3000 1k 2k']);
    assert.deepEqual(await usage(trees[0], { others: trees.slice(1) }), ['d/e 1 1000 1k 0k', 'd 2 2000 1k 1k', '/ 3 3000 1k 2k']);
  });

  test('counts the same whatever depth is reported', async () => {
    const { trees } = await treesOf(before, after);
    assert.deepEqual(await usage(trees[1], { others: trees.slice(0, 1), maxDepth: 0 }), ['/ 3 3000 1k 2k']);
    assert.deepEqual(await usage(trees[0], { maxDepth: 1 }), ['d 2 2000 2k 0k', '/ 3 3000 3k 0k']);
  });

  test('counts a block once, however often the tree has it', async () => {
    const { trees } = await treesOf({ a: large, b: large, c: { d: large } });
    assert.deepEqual((await usage(trees[0])).at(-1), '/ 3 3000 1k 0k');
  });

  test('knows a large file that others share by its top', async () => {
    const big = Buffer.alloc(200_000, 'big ').map((byte, i) => byte ^ (i >> 8));
    const { store, trees } = await treesOf({ big }, { big, other: 'x' });
    store.counters.readBlocks = 0;
    assert.deepEqual((await usage(trees[1], { others: trees.slice(0, 1) })).at(-1), '/ 2 200001 0k 200k');
    assert.ok(store.counters.readBlocks < 10, `${store.counters.readBlocks}`);
  });

  test('of a file that is a tree by itself is that file', async () => {
    const store = new MemoryStore();
    const digest = await store.add(Buffer.from(large));
    const { root } = await storeTree(store, {});
    const { summary, ...file } = { ...root, kind: 'file' as const, content: { kind: 'block' as const, digest, size: 1000 } };
    assert.ok(summary);
    assert.deepEqual(await usage(new StoredTree(store, file)), ['/ 1 1000 1k 0k']);
  });
});
