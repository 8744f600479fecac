import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { scratchFolder } from '../../test/support/scratch.ts';
import { saveRevision, storeTree } from '../../test/support/stored-tree.ts';
import { blake3 } from '../hash/blake3.ts';
import { CannotCollectError } from '../store/datadir/collector.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import { collect } from './collect.ts';

const CHUNKING = { minBytes: 1024, targetBytes: 4096, maxBytes: 16384 };
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] as const;

/** A store with an archive of two revisions, and some garbage. */
async function filled(context: TestContext): Promise<Datadir> {
  const store = new Datadir(join(scratchFolder(context), 'store'), { create: { hash: blake3, chunking: CHUNKING } });
  context.after(() => store.close());
  await saveRevision(store, 'docs', TIMES[0], { first: 'one '.repeat(500) });
  await saveRevision(store, 'docs', TIMES[1], { second: 'two '.repeat(500) });
  await storeTree(store, { garbage: 'three '.repeat(5000) });
  store.abandon();
  return store;
}

const refusal = (error: unknown) => error instanceof CannotCollectError;

describe('collecting garbage', () => {
  test('keeps what revisions need and removes the rest', async (context) => {
    const store = await filled(context);
    const report = await collect(store);
    assert.ok(report.removedSegments === 1 && report.freedBytes > 0, JSON.stringify(report));
    assert.equal((await collect(store)).deadBlocks, 0);
  });

  test('refuses while the file of an archive is gone', async (context) => {
    const store = await filled(context);
    fs.rmSync(store.archive('docs').path);
    await assert.rejects(collect(store), refusal);
  });

  test('refuses while an archive has fewer revisions than were written', async (context) => {
    const store = await filled(context);
    const { path } = store.archive('docs');
    fs.writeFileSync(path, `${fs.readFileSync(path, 'utf8').split('\n')[0]}\n`);
    await assert.rejects(collect(store), refusal);
  });

  test('collects all when an archive was removed on purpose', async (context) => {
    const store = await filled(context);
    await store.archive('docs').rewrite(() => []);
    const report = await collect(store);
    assert.equal(report.liveBlocks, 0);
  });
});
