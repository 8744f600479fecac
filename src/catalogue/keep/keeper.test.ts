import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onFullDisk } from '../../../test/support/full-disk.ts';
import { CHUNKING, hashed, keepBench } from '../../../test/support/keep-bench.ts';
import { hashQuiet, liveFile, readContent, untilQuiet } from '../../../test/support/live-files.ts';
import { Random } from '../../../test/support/random.ts';
import { scratchFolder, skipUnless } from '../../../test/support/scratch.ts';
import { decodeRef } from '../../block/ref-codec.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestToText } from '../../hash/digest.ts';
import { sha2_256 } from '../../hash/node-crypto.ts';
import type { Digest } from '../../hash/types.ts';
import { MemoryStore } from '../../store/memory.ts';
import { Keeper } from './keeper.ts';

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

for (const hash of [blake3, sha2_256]) {
  test(`one read gives the ${hash.name} of each whole content, and the content to the store`, async (context) => {
    const { folder, store, keeper } = keepBench(context, { hash });
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
  const { folder, keeper } = keepBench(context);
  fs.writeFileSync(join(folder, 'a'), new Random(2).bytes(1000));
  fs.writeFileSync(join(folder, 'b'), new Random(3).bytes(4097));
  for (const answer of await hashQuiet(keeper, [join(folder, 'a'), join(folder, 'b')])) {
    const { digest, ref } = hashed(answer);
    const { kind, digest: block } = decodeRef(ref as Uint8Array) as { readonly kind: string; readonly digest: Digest };
    assert.equal(kind, 'block');
    assert.deepEqual(Buffer.from(block), Buffer.from(digest));
  }
});

test('a file that is nothing but holes, beyond all measure, is not read', async (context) => {
  // The files of ext4 end before that; those of tmpfs, XFS and btrfs do not.
  if (skipUnless(context, fs.existsSync('/dev/shm'), 'there is no file system here that is known to have such files')) return;
  const folder = fs.mkdtempSync('/dev/shm/varve-test-');
  context.after(() => fs.rmSync(folder, { recursive: true }));
  const { keeper } = keepBench(context);
  const path = join(folder, 'holes');
  fs.writeFileSync(path, '');
  fs.truncateSync(path, 2 ** 45);
  for (const keeps of [true, false])
    assert.deepEqual(await hashQuiet(keeper, [path], keeps), [{ kind: 'unreadable', code: 'EFBIG', call: 'read' }]);
});

test('contents that are not to be kept leave nothing in the store', async (context) => {
  const { folder, store, keeper } = keepBench(context);
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
  const { folder, keeper } = keepBench(context);
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
  const { folder, keeper } = keepBench(context, { isIdle: false });
  for (const size of [10, 100_000]) {
    const path = join(folder, `${size}`);
    // A busy machine may come to it so late that it was not written just now: then it is written again.
    for (let isRead = false; !isRead; ) {
      const from = Date.now();
      fs.writeFileSync(path, Buffer.alloc(size, 'x'));
      const answers = await keeper.hash([liveFile(path)]);
      isRead = Date.now() - from < 50;
      if (isRead) assert.deepEqual(answers, [{ kind: 'changed' }]);
    }
  }
});

test('a file that changes while it is read is not taken for what it was', async (context) => {
  const { folder, keeper } = keepBench(context);
  const path = join(folder, 'large');
  fs.writeFileSync(path, new Random(4).bytes(4 << 20));
  await untilQuiet(keeper, path);
  for (const keeps of [true, false]) {
    keeper.bytesPerSecond = 4 << 20;
    const answer = keeper.hash([liveFile(path, keeps)]);
    await sleep(300);
    fs.appendFileSync(path, 'more');
    assert.deepEqual(await answer, [{ kind: 'changed' }]);
    keeper.bytesPerSecond = undefined;
    await untilQuiet(keeper, path);
  }
  assert.deepEqual(await keeper.commit(), []);
});

test('a batch stops when it is aborted, and its thread goes on', async (context) => {
  const { folder, keeper } = keepBench(context, { threads: 1 });
  const path = join(folder, 'large');
  fs.writeFileSync(path, new Random(5).bytes(2 << 20));
  await untilQuiet(keeper, path);
  keeper.bytesPerSecond = 1000;
  const controller = new AbortController();
  const answer = keeper.hash([liveFile(path)], controller.signal);
  const waiting = keeper.hash([liveFile(path)], controller.signal);
  await sleep(100);
  controller.abort(new Error('enough'));
  await assert.rejects(answer, /enough/);
  await assert.rejects(waiting, /enough/);
  keeper.bytesPerSecond = undefined;
  await hashQuiet(keeper, [path]);
  assert.equal((await keeper.commit()).length, 1);
});

test('reading keeps to a rate, whatever the number of threads', async (context) => {
  const { folder, keeper } = keepBench(context);
  const paths = Array.from({ length: 8 }, (_, i) => join(folder, `${i}`));
  for (const bytes of [100_000, 4000]) {
    for (const [i, path] of paths.entries()) fs.writeFileSync(path, new Random(i).bytes(bytes));
    await hashQuiet(keeper, paths, false);
    keeper.bytesPerSecond = 16 * bytes;
    const begun = performance.now();
    await Promise.all(paths.map((path) => keeper.hash([liveFile(path, false)])));
    const elapsedMs = performance.now() - begun;
    assert.ok(elapsedMs > 400, `half of what a second allows in ${elapsedMs} ms`);
    keeper.bytesPerSecond = undefined;
  }
});

for (const threads of [0, 1]) {
  test(`nothing is kept by ${threads} threads in a store that cannot be held`, async (context) => {
    const { folder, keeper } = keepBench(context, { threads });
    const [first, second] = ['first', 'second'].map((name) => {
      fs.writeFileSync(join(folder, name), new Random(name.length).bytes(10_000));
      return join(folder, name);
    });
    await hashQuiet(keeper, [first as string, second as string], false);
    await keeper.hash([liveFile(first as string)]);
    await keeper.commit();
    await onFullDisk(() => assert.rejects(keeper.hash([liveFile(second as string)]), { code: 'ENOSPC' }));
  });

  test(`a batch of ${threads} threads that had not been begun when the keeper was closed is given up`, async (context) => {
    const { folder, store, keeper } = keepBench(context, { threads });
    const path = join(folder, 'file');
    fs.writeFileSync(path, new Random(1).bytes(10_000));
    await sleep(150);
    const refused = assert.rejects(keeper.hash([liveFile(path)]), { code: 'WORKER_EXIT' });
    await keeper.close();
    await refused;
    for await (const digest of store.list()) assert.fail(digestToText(digest));
  });
}
