import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Layout, special, storeTree } from '../../test/support/stored-tree.ts';
import { nameFromText } from '../base/names.ts';
import { MemoryStore } from '../store/memory.ts';
import { fileHistory, type HistoricTree, type HistoryOptions } from './file-history.ts';
import { StoredTree } from './view.ts';

const long = (text: string) => `${text} `.repeat(100);

async function treesOf(layouts: readonly Layout[], store = new MemoryStore()): Promise<HistoricTree<number>[]> {
  const trees: HistoricTree<number>[] = [];
  for (const [revision, layout] of layouts.entries()) {
    const { root } = await storeTree(store, layout);
    trees.unshift({ revision, view: trees[0]?.view.at(root) ?? new StoredTree(store, root) });
  }
  return trees;
}

async function history(path: string, layouts: readonly Layout[], options?: HistoryOptions): Promise<string[]> {
  const events: string[] = [];
  for await (const { kind, revision, path: at, from } of fileHistory(await treesOf(layouts), nameFromText(path), options)) {
    events.push(`${revision} ${kind} ${at}${from === undefined ? '' : ` from ${from}`}`);
  }
  return events;
}

describe('the history of a path', () => {
  test('tells creation, changes and deletion, newest first', async () => {
    const revisions = [
      {},
      { d: { f: special({ mode: 0o600 }) } },
      { d: { f: special({ mode: 0o644 }) } },
      { d: { f: special({ mode: 0o644 }), other: 'x' } },
      { d: { f: 'content' } },
      { d: {} },
    ];
    assert.deepEqual(await history('d/f', revisions), ['5 deleted d/f', '4 modified d/f', '2 attributes d/f', '1 created d/f']);
  });

  test('tells that a path was there from the first revision on', async () => {
    assert.deepEqual(await history('f', [{ f: '1' }, { f: '1' }]), ['0 created f']);
  });

  test('is empty for a path that never was', async () => {
    assert.deepEqual(await history('no/such', [{ f: '1' }, { f: '2' }]), []);
  });

  test('follows a moved file to where it was', async () => {
    assert.deepEqual(await history('new', [{ old: long('1') }, { old: long('2') }, { new: long('2') }, { new: long('3') }]), [
      '3 modified new',
      '2 moved new from old',
      '1 modified old',
      '0 created old',
    ]);
  });

  test('follows a file in a directory that moved', async () => {
    const inside = { a: long('a'), b: long('b') };
    assert.deepEqual(await history('new/a', [{ old: inside }, { new: inside }]), ['1 moved new/a from old/a', '0 created old/a']);
  });

  test('tells where a path went', async () => {
    assert.deepEqual(await history('old', [{ old: long('1') }, { new: long('1') }]), ['1 moved new from old', '0 created old']);
  });

  test('does not look for moves when told not to', async () => {
    assert.deepEqual(await history('new', [{ old: long('1') }, { new: long('1') }], { moves: false }), ['1 created new']);
  });

  test('of a directory tells every change inside it', async () => {
    assert.deepEqual(await history('d', [{ d: { a: '1' } }, { d: { a: '1' }, e: '' }, { d: { a: '2' } }]), ['2 modified d', '0 created d']);
  });

  test('reads nothing for revisions that leave the way to the path alone', async () => {
    const store = new MemoryStore();
    const deep = { b: { c: { f: 'x' } } };
    const layouts = Array.from({ length: 50 }, (_, i) => ({ a: deep, [`new${i}`]: 'n' }));
    const trees = await treesOf(layouts, store);
    store.counters.readBlocks = 0;
    let events = 0;
    for await (const _ of fileHistory(trees, nameFromText('a/b/c/f'))) events++;
    assert.equal(events, 1);
    // The directory at the top is another one each time; those below it are read once.
    assert.equal(store.counters.readBlocks, 50 + 3);
  });
});
