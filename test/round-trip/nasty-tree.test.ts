import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { sha2_256 } from '../../src/hash/node-crypto.ts';
import { compareTrees, rsyncDifferences } from '../support/compare-trees.ts';
import { makeNastyTree } from '../support/nasty-tree.ts';
import { shownErrors, Workbench } from './workbench.ts';

const scale = Number(process.env.VARVE_NASTY_SCALE ?? 0.01);
const threadCounts = scale < 0.1 ? [0, 2] : [0, 1, 2, 4];

if (process.platform === 'linux') {
  for (const threads of threadCounts) {
    test(`the nasty tree comes back as it was, with ${threads} threads`, async (context) => {
      const bench = new Workbench(context);
      makeNastyTree(bench.source, { scale });
      const saved = await bench.save({ threads });
      assert.deepEqual(shownErrors(saved), []);
      const target = bench.target();
      const restored = await bench.restore(saved.tree, target, { threads });
      assert.deepEqual(shownErrors(restored), []);
      assert.deepEqual(compareTrees(bench.source, target), []);
      const again = await bench.save({ threads, source: target });
      assert.equal(again.tree, saved.tree, 'the restored tree has the digest of the first');
    });
  }

  test('the nasty tree comes back under another hash', async (context) => {
    const bench = new Workbench(context, { hash: sha2_256 });
    makeNastyTree(bench.source, { scale });
    const { saved, target } = await bench.roundTrip();
    assert.match(saved.tree, /^sha2-256:/);
    assert.deepEqual(compareTrees(bench.source, target), []);
  });

  test('rsync finds nothing to change in a nasty tree that was restored', async (context) => {
    const bench = new Workbench(context);
    makeNastyTree(bench.source, { scale, beyondPathMax: false });
    const { target } = await bench.roundTrip();
    assert.deepEqual(rsyncDifferences(bench.source, target), []);
    assert.deepEqual(rsyncDifferences(target, bench.source), []);
  });

  test('saving a nasty tree again reads nothing and gives the same digest', async (context) => {
    const bench = new Workbench(context);
    makeNastyTree(bench.source, { scale });
    // Files that were changed within the last step of the clock are not trusted; here none is.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const first = await bench.save({ cached: true });
    const second = await bench.save({ cached: true });
    assert.equal(second.tree, first.tree);
    assert.equal(second.readFiles, 0);
    assert.equal(second.files, first.files);
    assert.equal(second.newBytes, 0);
    rmSync(bench.cacheFile);
    assert.equal((await bench.save({ cached: true })).tree, first.tree);
  });

  test('restoring a nasty tree over itself writes nothing', async (context) => {
    const bench = new Workbench(context);
    makeNastyTree(bench.source, { scale });
    const saved = await bench.save({ cached: true });
    await bench.restore(saved.tree, bench.source);
    const changes: string[] = [];
    const again = await bench.restore(saved.tree, bench.source, {
      delete: true,
      onChange: ({ action, path }) => changes.push(`${action} ${path}`),
    });
    assert.deepEqual(changes, []);
    assert.equal(again.unchanged, again.files);
  });
}
