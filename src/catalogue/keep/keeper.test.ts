import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { hashQuiet, liveFile, readContent, untilQuiet } from '../../../test/support/live-files.ts';
import { Random } from '../../../test/support/random.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { decodeRef } from '../../block/ref-codec.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import { sha2_256 } from '../../hash/node-crypto.ts';
import type { Digest, HashAlgorithm } from '../../hash/types.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import { MemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/types.ts';
import { collect } from '../../tree/collect.ts';
import type { CollectReport } from '../../tree/types.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { KeptVersions } from './kept-versions.ts';
import type { FileAnswer, KeptContent } from './types.ts';

const CHUNKING = { minBytes: 4 << 10, targetBytes: 16 << 10, maxBytes: 64 << 10 };

interface Bench {
  readonly folder: string;
  readonly store: Datadir;
  readonly keeper: Keeper;
}

function bench(context: TestContext, options: KeeperOptions & { readonly hash?: HashAlgorithm } = {}): Bench {
  const folder = scratchFolder(context);
  const store = new Datadir(join(folder, 'store'), { create: { hash: options.hash ?? blake3, chunking: CHUNKING }, segmentBytes: 1 << 20 });
  const keeper = new Keeper({ store, threads: 2, ...options });
  context.after(async () => {
    await keeper.close();
    await store.close();
  });
  fs.mkdirSync(join(folder, 'live'));
  return { folder: join(folder, 'live'), store, keeper };
}

/** One of each way that a content can take. */
function variety(folder: string): Map<string, Buffer> {
  const random = new Random(1);
  const contents = new Map(
    [0, 1, 64, 65, 4095, 4096, 30_000, 300_000, 700_000, 3_000_000].map((size) => [join(folder, `${size}`), random.bytes(size)]),
  );
  contents.set(join(folder, 'run'), Buffer.alloc(50_000, 7));
  for (const [path, content] of contents) fs.writeFileSync(path, content);
  for (const [name, at] of [
    ['sparse', 100_000],
    ['very sparse', 40_000_000],
  ] as const) {
    const path = join(folder, name);
    const fd = fs.openSync(path, 'w');
    fs.writeSync(fd, 'data', at);
    fs.ftruncateSync(fd, at + 5000);
    fs.closeSync(fd);
    contents.set(path, fs.readFileSync(path));
  }
  return contents;
}

function hashed(answer: FileAnswer | undefined): FileAnswer & { readonly kind: 'hashed' } {
  assert.equal(answer?.kind, 'hashed');
  return answer as FileAnswer & { readonly kind: 'hashed' };
}

/** Hashes and keeps a content, and commits it. */
async function keep({ keeper, folder }: Bench, name: string, content: string | Buffer): Promise<KeptContent> {
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

for (const hash of [blake3, sha2_256]) {
  test(`one read gives the ${hash.name} of each whole content, and the content to the store`, async (context) => {
    const { folder, store, keeper } = bench(context, { hash });
    const contents = variety(folder);
    const answers = await hashQuiet(keeper, [...contents.keys()]);
    const kept = await keeper.commit();
    assert.equal(kept.length, contents.size);
    for (const [i, [path, content]] of [...contents].entries()) {
      const { digest, size, ref } = hashed(answers[i]);
      assert.equal(digestToText(digest), digestToText(hash.hash(content)), path);
      assert.equal(size, content.length);
      assert.ok((await readContent(store, { ref: ref as Uint8Array, size })).equals(content), path);
    }
  });
}

test('a content of one block is not hashed twice: its digest is the block’s', async (context) => {
  const { folder, keeper } = bench(context);
  fs.writeFileSync(join(folder, 'a'), new Random(2).bytes(1000));
  fs.writeFileSync(join(folder, 'b'), new Random(3).bytes(4097));
  for (const answer of await hashQuiet(keeper, [join(folder, 'a'), join(folder, 'b')])) {
    const { digest, ref } = hashed(answer);
    const { kind, digest: block } = decodeRef(ref as Uint8Array) as { readonly kind: string; readonly digest: Digest };
    assert.equal(kind, 'block');
    assert.deepEqual(Buffer.from(block), Buffer.from(digest));
  }
});

test('contents that are not to be kept leave nothing in the store', async (context) => {
  const { folder, store, keeper } = bench(context);
  const contents = variety(folder);
  const answers = await hashQuiet(keeper, [...contents.keys()], false);
  for (const [i, content] of [...contents.values()].entries()) {
    const { digest, ref } = hashed(answers[i]);
    assert.deepEqual(Buffer.from(digest), Buffer.from(blake3.hash(content)));
    assert.equal(ref, undefined);
  }
  assert.deepEqual(await keeper.commit(), []);
  assert.deepEqual(await store.archives(), []);
  for await (const digest of store.list()) assert.fail(digestToText(digest));
});

test('files are hashed without a store too, and those of a store in memory by the thread that asks', async (context) => {
  const folder = scratchFolder(context);
  const contents = variety(folder);
  const memory = new MemoryStore({ chunking: CHUNKING });
  for (const [store, keeps] of [
    [undefined, false],
    [memory, true],
  ] as const) {
    const keeper = new Keeper({ threads: 1, ...(store && { store }) });
    context.after(() => keeper.close());
    const answers = await hashQuiet(keeper, [...contents.keys()], keeps);
    for (const [i, content] of [...contents.values()].entries())
      assert.deepEqual(Buffer.from(hashed(answers[i]).digest), Buffer.from(blake3.hash(content)));
    assert.equal((await keeper.commit()).length, keeps ? contents.size : 0);
  }
});

test('what is not as expected is told from what is gone and from what cannot be read', async (context) => {
  const { folder, keeper } = bench(context);
  const names = ['touched', 'gone', 'link', 'fifo', 'moved/away', 'quiet'];
  fs.mkdirSync(join(folder, 'moved'));
  for (const name of names) fs.writeFileSync(join(folder, name), name);
  await hashQuiet(
    keeper,
    names.map((name) => join(folder, name)),
  );
  const files = names.map((name) => liveFile(join(folder, name)));
  fs.utimesSync(join(folder, 'touched'), 1, 1);
  for (const name of ['gone', 'link', 'fifo']) fs.rmSync(join(folder, name));
  fs.symlinkSync('quiet', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  fs.renameSync(join(folder, 'moved'), join(folder, 'elsewhere'));
  const unreadable = '/proc/sys/vm/compact_memory';
  const answers = await keeper.hash([...files, liveFile(unreadable)]);
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['changed', 'vanished', 'changed', 'changed', 'vanished', 'hashed', 'unreadable'],
  );
  assert.deepEqual(answers.at(-1), { kind: 'unreadable', code: 'EACCES', call: 'openat' });
});

test('a file that was written just now is not hashed: a further change might not show', async (context) => {
  const { folder, keeper } = bench(context);
  for (const size of [10, 100_000]) {
    const path = join(folder, `${size}`);
    await keeper.hash([]);
    fs.writeFileSync(path, Buffer.alloc(size, 'x'));
    assert.deepEqual(await keeper.hash([liveFile(path)]), [{ kind: 'changed' }]);
  }
});

test('a file that changes while it is read is not taken for what it was', async (context) => {
  const { folder, keeper } = bench(context);
  const path = join(folder, 'large');
  fs.writeFileSync(path, new Random(4).bytes(4 << 20));
  await untilQuiet(keeper, path);
  for (const keeps of [true, false]) {
    keeper.bytesPerSecond = 4 << 20;
    const answer = keeper.hash([liveFile(path, keeps)]);
    await setTimeout(300);
    fs.appendFileSync(path, 'more');
    assert.deepEqual(await answer, [{ kind: 'changed' }]);
    keeper.bytesPerSecond = undefined;
    await untilQuiet(keeper, path);
  }
  assert.deepEqual(await keeper.commit(), []);
});

test('a batch stops when it is aborted, and its thread goes on', async (context) => {
  const { folder, keeper } = bench(context, { threads: 1 });
  const path = join(folder, 'large');
  fs.writeFileSync(path, new Random(5).bytes(2 << 20));
  await untilQuiet(keeper, path);
  keeper.bytesPerSecond = 1000;
  const controller = new AbortController();
  const answer = keeper.hash([liveFile(path)], controller.signal);
  const waiting = keeper.hash([liveFile(path)], controller.signal);
  await setTimeout(100);
  controller.abort(new Error('enough'));
  await assert.rejects(answer, /enough/);
  await assert.rejects(waiting, /enough/);
  keeper.bytesPerSecond = undefined;
  await hashQuiet(keeper, [path]);
  assert.equal((await keeper.commit()).length, 1);
});

test('reading keeps to a rate, whatever the number of threads', async (context) => {
  const { folder, keeper } = bench(context);
  const paths = Array.from({ length: 8 }, (_, i) => join(folder, `${i}`));
  for (const [i, path] of paths.entries()) fs.writeFileSync(path, new Random(i).bytes(500_000));
  await hashQuiet(keeper, paths, false);
  keeper.bytesPerSecond = 8_000_000;
  const begun = performance.now();
  await Promise.all(paths.map((path) => keeper.hash([liveFile(path, false)])));
  const elapsedMs = performance.now() - begun;
  assert.ok(elapsedMs > 400, `4 MB in ${elapsedMs} ms`);
});

test('a commit does not wait for a large file that is still being read', async (context) => {
  const { folder, store, keeper } = bench(context, { threads: 1 });
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
  const made = bench(context);
  const { store, keeper, folder } = made;
  const content = new Random(7).bytes(200_000);
  const kept = await keep(made, 'kept', content);
  fs.writeFileSync(join(folder, 'given up'), new Random(8).bytes(200_000));
  const [answer] = await hashQuiet(keeper, [join(folder, 'given up')]);
  await keeper.close();
  await store.close();
  await collect(store);
  assert.ok((await readContent(store, kept)).equals(content));
  await assert.rejects(readContent(store, hashed(answer) as KeptContent), { code: 'MISSING_BLOCK' });
  await new KeptVersions(store).remove([kept.digest]);
  await collect(store);
  await assert.rejects(readContent(store, kept), { code: 'MISSING_BLOCK' });
});

test('what was found in the store is held until it is committed', async (context) => {
  const made = bench(context);
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
  const made = bench(context);
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
  const { folder, store, keeper } = bench(context);
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
  await collect(store);
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
