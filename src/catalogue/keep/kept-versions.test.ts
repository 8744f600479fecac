import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { nameFromText } from '../../base/names.ts';
import { encodeRef } from '../../block/ref-codec.ts';
import type { BlockRef } from '../../block/types.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestFromText } from '../../hash/digest.ts';
import { Datadir } from '../../store/datadir/datadir.ts';
import type { Store } from '../../store/types.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { Archive } from '../../tree/archive.ts';
import type { LoggedRevision } from '../../tree/revision-line.ts';
import { decodeRoot } from '../../tree/root-block.ts';
import { UnreadableRevisionError } from '../../tree/supersede.ts';
import { StoredTree } from '../../tree/view.ts';
import { walk } from '../../tree/walk.ts';
import { KeptVersions } from './kept-versions.ts';
import type { KeptContent } from './types.ts';

function newStore(context: TestContext, folder = join(scratchFolder(context), 'store')): Datadir {
  const store = new Datadir(folder, { create: { hash: blake3, chunking: { minBytes: 4096, targetBytes: 16384, maxBytes: 65536 } } });
  context.after(() => store.close());
  return store;
}

/** A content that needs no block of its own. */
function content(text: string): KeptContent {
  const bytes = Buffer.from(text);
  return { digest: blake3.hash(bytes), size: bytes.length, ref: encodeRef({ kind: 'literal', bytes, size: bytes.length }) };
}

/** A content that two refs lead to. */
function zeros(hole: boolean): KeptContent {
  const size = 100_000;
  return { digest: blake3.hash(Buffer.alloc(size)), size, ref: encodeRef({ kind: 'run', byte: 0, size, hole }) };
}

function pathOf({ digest }: KeptContent): string {
  const name = Buffer.from(digest).subarray(2).toString('hex');
  return `${name.slice(0, 2)}/${name}`;
}

async function revisions(store: Store): Promise<LoggedRevision[]> {
  return (await new Archive(store.archive('versions')).read()).revisions;
}

/** The paths of all files of the newest revision. */
async function entered(store: Store): Promise<string[]> {
  const last = (await revisions(store)).at(-1);
  const root = decodeRoot(await store.get(digestFromText(last?.tree as string)));
  const paths: string[] = [];
  for await (const items of walk(new StoredTree(store, root)))
    for (const { path, entry } of items) if (entry.kind === 'file') paths.push(path);
  return paths;
}

test('contents are files named by their hash, below the first byte of it, in a single revision', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  const contents = Array.from({ length: 700 }, (_, i) => content(`content ${i}`));
  for (let at = 0; at < contents.length; at += 100) await versions.add(contents.slice(at, at + 100));
  await versions.add(contents.slice(0, 50));
  assert.deepEqual(await entered(store), contents.map(pathOf).sort());
  const [revision, ...others] = await revisions(store);
  assert.equal(others.length, 0);
  assert.deepEqual([revision?.files, revision?.bytes], [700, contents.reduce((sum, { size }) => sum + size, 0)]);
});

test('a content can be read by its ref from the tree', async (context) => {
  const store = newStore(context);
  await new KeptVersions(store).add([content('text')]);
  const root = decodeRoot(await store.get(digestFromText((await revisions(store))[0]?.tree as string)));
  const tree = new StoredTree(store, root);
  const [directory, name] = pathOf(content('text')).split('/') as [string, string];
  const below = await tree.directories.lookup(root.content as BlockRef, nameFromText(directory));
  const file = await tree.directories.lookup(below?.content as BlockRef, nameFromText(name));
  assert.deepEqual(file?.content, { kind: 'literal', bytes: Buffer.from('text'), size: 4 });
});

test('a content that is entered keeps its ref, whichever one it comes with again, and who enters it is told', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  const [hole, run] = [true, false].map((isHole) => zeros(isHole)) as [KeptContent, KeptContent];
  const shown = (contents: readonly KeptContent[]) => contents.map(({ ref }) => Buffer.from(ref).toString('hex'));
  assert.deepEqual(shown(await versions.add([run, hole])), shown([hole, hole]));
  assert.deepEqual(shown(await versions.add([content('a'), run])), shown([content('a'), hole]));
  const found = (await Array.fromAsync(versions.contents())).flat();
  assert.deepEqual(shown(found).sort(), shown([content('a'), hole]).sort());
  await versions.remove([hole.digest]);
  assert.deepEqual(shown(await versions.add([run])), shown([run]));
});

test('equal sets of contents are equal trees, however they came about', async (context) => {
  const [one, other] = [newStore(context), newStore(context)];
  const [a, b, c] = ['a', 'b', 'c'].map(content) as [KeptContent, KeptContent, KeptContent];
  await new KeptVersions(one).add([a, b, c]);
  await new KeptVersions(one).remove([b.digest, content('never there').digest]);
  await new KeptVersions(other).add([c]);
  await new KeptVersions(other).add([a]);
  assert.equal((await revisions(one))[0]?.tree, (await revisions(other))[0]?.tree);
});

test('nothing is made where there is nothing to remove, or to add', async (context) => {
  const store = newStore(context);
  await new KeptVersions(store).remove([content('a').digest]);
  await new KeptVersions(store).add([]);
  assert.deepEqual(await store.archives(), []);
});

test('one content more among 20 000 writes a few small blocks', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  await versions.add(Array.from({ length: 20_000 }, (_, i) => content(`content ${i}`)));
  const before = { ...store.counters };
  await versions.add([content('one more')]);
  const blocks = store.counters.newBlocks - before.newBlocks;
  assert.ok(blocks <= 8, `${blocks} blocks`);
});

test('changes of two processes at once do not get lost', async (context) => {
  const store = newStore(context);
  const others = [newStore(context, store.name), newStore(context, store.name)].map((each) => new KeptVersions(each));
  const contents = Array.from({ length: 40 }, (_, i) => content(`content ${i}`));
  await Promise.all(
    others.map(async (versions, which) => {
      for (const [i, each] of contents.entries()) if (i % 2 === which) await versions.add([each]);
    }),
  );
  assert.deepEqual(await entered(store), contents.map(pathOf).sort());
  assert.equal((await revisions(store)).length, 1);
});

test('while a collector looks nothing is dropped, and nobody waits', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  await versions.add([content('a')]);
  const lock = LockFile.try(store.layout.collectorLock);
  await versions.add([content('b')]);
  assert.equal((await revisions(store)).length, 2);
  lock?.release();
  await versions.add([content('c')]);
  assert.equal((await revisions(store)).length, 1);
  assert.equal((await entered(store)).length, 3);
});

test('there is a revision at every moment', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  await versions.add([content('a')]);
  const file = store.archive('versions').path;
  let isDone = false;
  const work = (async () => {
    for (let i = 0; i < 30; i++) await versions.add([content(`content ${i}`)]);
    isDone = true;
  })();
  let looks = 0;
  for (; !isDone; looks++) {
    assert.match(fs.readFileSync(file, 'utf8'), /^\{"varve".*\n$/s);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await work;
  assert.ok(looks > 0);
});

test('where the newest revision cannot be read, nothing is put in its place', async (context) => {
  const store = newStore(context);
  const versions = new KeptVersions(store);
  await versions.add([content('a')]);
  const file = store.archive('versions').path;
  const damaged = fs.readFileSync(file, 'utf8').replace('"tree":"blake3:', '"tree":"blake3:0');
  fs.writeFileSync(file, damaged);
  await assert.rejects(versions.add([content('b')]), UnreadableRevisionError);
  assert.equal(fs.readFileSync(file, 'utf8'), damaged);
});
