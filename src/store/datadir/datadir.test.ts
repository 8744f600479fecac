import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { blake3 } from '../../hash/blake3.ts';
import type { Digest } from '../../hash/types.ts';
import { Datadir } from './datadir.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-datadir-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const create = { hash: blake3, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } };
let count = 0;
function fresh(): string {
  return path.join(folder, `store${count++}`);
}

describe('datadir', () => {
  test('gives back what was added, before and after a flush, and to another instance', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    const blocks = Array.from({ length: 500 }, (_, i) => new Uint8Array(randomBytes(1 + ((i * 7919) % 40_000))));
    const digests = await store.addBatch(blocks);
    assert.equal(Buffer.compare(await store.get(digests[499] as Digest), blocks[499] as Uint8Array), 0);
    await store.flush();
    assert.deepEqual(
      (await store.getBatch(digests)).map((bytes) => Buffer.from(bytes)),
      blocks.map((bytes) => Buffer.from(bytes)),
    );
    await store.close();
    const other = new Datadir(at);
    for (const [i, digest] of digests.entries()) assert.equal(Buffer.compare(await other.get(digest), blocks[i] as Uint8Array), 0);
    await other.close();
  });

  test('stores a block once, within a group, across groups and across instances', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    const block = new Uint8Array(randomBytes(1000));
    await store.addBatch([block, block]);
    await store.flush();
    await store.add(block);
    assert.equal(store.counters.newBlocks, 1);
    await store.close();
    const other = new Datadir(at);
    await other.add(block);
    assert.equal(other.counters.newBlocks, 0);
    await other.close();
  });

  test('leaves an index run of a newer format alone, and takes what it says from the segments', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    const blocks = Array.from({ length: 10 }, () => new Uint8Array(randomBytes(100)));
    const digests = await store.addBatch(blocks);
    await store.close();
    const index = path.join(at, 'index');
    const [run = ''] = fs.readdirSync(index).filter((name) => name.endsWith('.run'));
    const bytes = fs.readFileSync(path.join(index, run));
    bytes.writeUInt32LE(2, 8);
    const newer = bytes.subarray(0, 500);
    fs.writeFileSync(path.join(index, run), newer);
    const other = new Datadir(at);
    assert.equal(Buffer.compare(await other.get(digests[3] as Digest), blocks[3] as Uint8Array), 0);
    await other.addBatch(blocks);
    assert.equal(other.counters.newBlocks, 0);
    other.mergeIndex(true);
    other.index.check();
    assert.deepEqual([other.index.newerRuns(), other.index.damagedRuns], [[path.join(index, run)], []]);
    await other.close();
    assert.deepEqual(fs.readFileSync(path.join(index, run)), Buffer.from(newer));
    fs.rmSync(path.join(index, run));
    const later = new Datadir(at);
    assert.deepEqual(later.index.newerRuns(), []);
    await later.close();
  });

  test('makes a deleted or damaged index again from the segments', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    const digests = await store.addBatch(Array.from({ length: 3000 }, () => new Uint8Array(randomBytes(100))));
    await store.close();
    const index = path.join(at, 'index');
    const run = path.join(index, fs.readdirSync(index).find((name) => name.endsWith('.run')) as string);
    for (const damage of [() => fs.rmSync(run), () => fs.truncateSync(run, 5000), () => flip(run, 9000), () => flip(run, 3)]) {
      const file = fs.readdirSync(index).find((name) => name.endsWith('.run'));
      if (file !== undefined) fs.renameSync(path.join(index, file), run);
      damage();
      const again = new Datadir(at);
      for (const digest of digests) assert.equal((await again.get(digest)).length, 100);
      await again.close();
    }
  });

  test('removes what killed processes have left of index runs, once it is old', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    await store.add(new Uint8Array(randomBytes(100)));
    await store.flush();
    const [old, recent] = ['old', 'recent'].map((name) => path.join(at, 'index', `${name}.run.tmp`)) as [string, string];
    for (const file of [old, recent]) fs.writeFileSync(file, 'half a run');
    fs.utimesSync(old, 0, 0);
    store.mergeIndex(true);
    assert.deepEqual([fs.existsSync(old), fs.existsSync(recent)], [false, true]);
    await store.close();
  });

  test('merges the runs of many small additions and loses none', async () => {
    const at = fresh();
    const digests = [];
    for (let i = 0; i < 30; i++) {
      const store = new Datadir(at, { create });
      digests.push(await store.add(new Uint8Array(randomBytes(50))));
      await store.close();
    }
    assert.ok(fs.readdirSync(path.join(at, 'index')).length < 12);
    assert.equal(fs.readdirSync(path.join(at, 'segments')).length, 1);
    const store = new Datadir(at);
    for (const digest of digests) assert.equal((await store.get(digest)).length, 50);
    const listed = [];
    for await (const digest of store.list()) listed.push(Buffer.from(digest));
    assert.deepEqual(listed, digests.map((digest) => Buffer.from(digest)).sort(Buffer.compare));
    await store.close();
  });

  test('names a damaged block that it has written itself and not published yet', async () => {
    const at = fresh();
    const store = new Datadir(at, { create });
    const digests = await store.addBatch(Array.from({ length: 20 }, () => new Uint8Array(randomBytes(100_000))));
    const [segment = ''] = fs.readdirSync(path.join(at, 'segments'));
    flip(path.join(at, 'segments', segment), 20_000);
    await assert.rejects(store.get(digests[0] as Digest), { code: 'DAMAGED_BLOCK' });
    await store.close();
  });
});

function flip(file: string, at: number): void {
  const bytes = fs.readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ 1;
  fs.writeFileSync(file, bytes);
}
