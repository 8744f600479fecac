import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHUNKING, hashed, type KeepBench, keepBench } from '../../../test/support/keep-bench.ts';
import { hashQuiet, liveFile, readContent, untilQuiet } from '../../../test/support/live-files.ts';
import { Random } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { MemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/types.ts';
import { collect } from '../../tree/collect.ts';
import type { CollectReport } from '../../tree/types.ts';
import { Keeper } from './keeper.ts';
import { KeptVersions } from './kept-versions.ts';
import type { KeptContent } from './types.ts';

/** Hashes and keeps a content, and commits it. */
async function keep({ keeper, folder }: KeepBench, name: string, content: string | Buffer): Promise<KeptContent> {
  fs.writeFileSync(join(folder, name), content);
  await hashQuiet(keeper, [join(folder, name)]);
  const kept = await keeper.commit();
  assert.equal(kept.length, 1);
  return kept[0] as KeptContent;
}

/** As another process does it. A segment that an instance has open is not collected, so this one lets go of what it has written to. */
async function collectElsewhere(store: Store): Promise<CollectReport> {
  await store.close();
  const collector = new Datadir(store.name);
  try {
    return await collect(collector);
  } finally {
    await collector.close();
  }
}

/** Takes a content out of the archive of versions, and collects what nobody needs any more. */
async function removeAndCollect(store: Store, { digest }: KeptContent): Promise<CollectReport> {
  const other = new Datadir(store.name);
  await new KeptVersions(other).remove([digest]);
  await other.close();
  return collectElsewhere(store);
}

test('a commit does not wait for a large file that is still being read', async (context) => {
  const { folder, store, keeper } = keepBench(context, { threads: 1 });
  const large = join(folder, 'large');
  const small = join(folder, 'small');
  fs.writeFileSync(large, new Random(6).bytes(8 << 20));
  fs.writeFileSync(small, 'some text that is not a literal, being longer than sixty-four bytes by a little');
  await hashQuiet(keeper, [small]);
  await untilQuiet(keeper, large);
  keeper.bytesPerSecond = 100_000;
  let isAnswered = false;
  const answer = keeper.hash([liveFile(large)]).finally(() => {
    isAnswered = true;
  });
  const [kept] = await keeper.commit();
  assert.equal(isAnswered, false);
  // What the thread had gathered for the small file is on the disk.
  const other = new Datadir(store.name);
  context.after(() => other.close());
  assert.ok((await readContent(other, kept as KeptContent)).equals(fs.readFileSync(small)));
  keeper.bytesPerSecond = undefined;
  hashed((await answer)[0]);
  assert.equal((await keeper.commit()).length, 1);
});

test('what was committed is not collected, and what was not, or was taken out, is', async (context) => {
  const made = keepBench(context);
  const { store, keeper, folder } = made;
  const content = new Random(7).bytes(200_000);
  const kept = await keep(made, 'kept', content);
  fs.writeFileSync(join(folder, 'given up'), new Random(8).bytes(200_000));
  const [answer] = await hashQuiet(keeper, [join(folder, 'given up')]);
  await keeper.close();
  await collectElsewhere(store);
  assert.ok((await readContent(store, kept)).equals(content));
  await assert.rejects(readContent(store, hashed(answer) as KeptContent), { code: 'MISSING_BLOCK' });
  await removeAndCollect(store, kept);
  await assert.rejects(readContent(store, kept), { code: 'MISSING_BLOCK' });
});

test('equal contents of a sparse file and of another outlive a collection, by the refs that commits return', async (context) => {
  const made = keepBench(context);
  const { store, keeper, folder } = made;
  const content = Buffer.concat([new Random(12).bytes(150_000), Buffer.alloc(300_000), new Random(13).bytes(150_000)]);
  const sparse = join(folder, 'sparse');
  fs.writeFileSync(sparse, '');
  fs.truncateSync(sparse, content.length);
  const fd = fs.openSync(sparse, 'r+');
  for (const [from, to] of [
    [0, 150_000],
    [450_000, 600_000],
  ] as const)
    fs.writeSync(fd, content, from, to - from, from);
  fs.closeSync(fd);
  const [answer] = await hashQuiet(keeper, [sparse]);
  const [first] = await keeper.commit();
  const dense = join(folder, 'dense');
  fs.writeFileSync(dense, content);
  const [otherAnswer] = await hashQuiet(keeper, [dense]);
  assert.notDeepEqual(hashed(otherAnswer).ref, hashed(answer).ref);
  const [second] = await keeper.commit();
  await keeper.close();
  await collectElsewhere(store);
  for (const kept of [first, second]) assert.ok((await readContent(store, kept as KeptContent)).equals(content));
});

test('what was found in the store is held until it is committed', async (context) => {
  const made = keepBench(context);
  const { store, keeper, folder } = made;
  const content = new Random(9).bytes(300_000);
  const kept = await keep(made, 'first', content);
  fs.writeFileSync(join(folder, 'second'), content);
  await hashQuiet(keeper, [join(folder, 'second')]);
  // Nothing but the hold knows that the second relies on the blocks of the first.
  const { waitingSegments } = await removeAndCollect(store, kept);
  assert.ok(waitingSegments > 0);
  await keeper.commit();
  await collectElsewhere(store);
  assert.ok((await readContent(store, kept)).equals(content));
});

test('what was collected since it was kept is stored again, by threads that have stored it before', async (context) => {
  const made = keepBench(context);
  const { store } = made;
  const content = new Random(10).bytes(300_000);
  for (let round = 0; round < 3; round++) {
    const kept = await keep(made, 'again', content);
    assert.ok((await readContent(store, kept)).equals(content));
    const { removedSegments } = await removeAndCollect(store, kept);
    assert.ok(removedSegments > 0);
  }
});

test('batches and commits that overlap lose nothing', async (context) => {
  const { folder, store, keeper } = keepBench(context);
  const random = new Random(11);
  const paths = Array.from({ length: 60 }, (_, i) => join(folder, `${i}`));
  for (const path of paths) fs.writeFileSync(path, random.bytes(random.pick([20, 500, 20_000])));
  await hashQuiet(keeper, paths, false);
  const kept = new Map<string, KeptContent>();
  const commit = async () => {
    for (const content of await keeper.commit()) kept.set(digestToText(content.digest), content);
  };
  const work: Promise<unknown>[] = [];
  for (const path of paths) {
    work.push(keeper.hash([liveFile(path)]));
    if (random.chance(0.2)) work.push(commit());
    if (random.chance(0.3)) await keeper.ready();
  }
  await Promise.all(work);
  await commit();
  await keeper.close();
  await collectElsewhere(store);
  for (const path of paths) {
    const content = fs.readFileSync(path);
    const found = kept.get(digestToText(blake3.hash(content)));
    assert.ok(found && (await readContent(store, found)).equals(content));
  }
});

/** A store that cannot take blocks any more from some moment on. */
class FailingStore extends MemoryStore {
  fails = false;

  override addBatch(...parameters: Parameters<Store['addBatch']>): Promise<Digest[]> {
    return this.fails ? Promise.reject(new Error('the disk is full')) : super.addBatch(parameters[0]);
  }
}

test('once a batch could not be stored nothing is committed, not even what others say they have kept', async (context) => {
  const folder = scratchFolder(context);
  const store = new FailingStore({ chunking: CHUNKING });
  const keeper = new Keeper({ store });
  context.after(() => keeper.close());
  for (const name of ['a', 'b']) fs.writeFileSync(join(folder, name), new Random(name.charCodeAt(0)).bytes(1000));
  await hashQuiet(keeper, [join(folder, 'a'), join(folder, 'b')], false);
  hashed((await keeper.hash([liveFile(join(folder, 'a'))]))[0]);
  store.fails = true;
  await assert.rejects(keeper.hash([liveFile(join(folder, 'b'))]), /the disk is full/);
  store.fails = false;
  await assert.rejects(keeper.commit(), /the disk is full/);
  assert.deepEqual(await store.archives(), []);
});
