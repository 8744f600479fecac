import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, mock, test } from 'node:test';
import { blake3 } from '../../hash/blake3.ts';
import { Datadir } from './datadir.ts';
import { listSegments } from './segment-file.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-writer-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const create = { hash: blake3, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } };

describe('a segment writer', () => {
  test('closes a segment at the limit, takes up one below half of it, and leaves a larger one', async () => {
    const at = path.join(folder, 'limit');
    const add = async (blocks: number) => {
      const store = new Datadir(at, { create, segmentBytes: 100_000 });
      const digests = [];
      for (let i = 0; i < blocks; i++) {
        digests.push(await store.add(new Uint8Array(randomBytes(10_000))));
        await store.flush();
      }
      await store.close();
      return digests;
    };
    const states = () =>
      [...listSegments(new Datadir(at).layout).values()]
        .map(({ growing, sizeBytes }) => `${growing} ${Math.floor(sizeBytes / 10_000)}`)
        .sort();
    const digests = await add(3);
    digests.push(...(await add(3)));
    assert.deepEqual(states(), ['true 6']);
    digests.push(...(await add(11)));
    assert.deepEqual(states(), ['false 10', 'true 1', 'true 6']);
    const store = new Datadir(at);
    assert.ok((await store.getBatch(digests)).every(({ length }) => length === 10_000));
    await store.close();
  });

  test('leaves a segment alone that the disk cannot read to its end, and cuts nothing off', async (context) => {
    const at = path.join(folder, 'unreadable');
    const add = async (bytes: Uint8Array) => {
      const store = new Datadir(at, { create });
      const digest = await store.add(bytes);
      await store.close();
      return digest;
    };
    const digest = await add(new Uint8Array(randomBytes(10_000)));
    // The index is gone, so the segment is read to learn what is in it.
    fs.rmSync(path.join(at, 'index'), { recursive: true });
    const { layout } = new Datadir(at);
    const [segment] = listSegments(layout).values();
    assert.ok(segment);
    const read = fs.readSync;
    const failing = context.mock.method(fs, 'readSync', ((fd: number, bytes: Uint8Array, offset: number, length: number, from: number) => {
      if (length !== 64 && fs.fstatSync(fd).size === segment.sizeBytes)
        throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
      return read(fd, bytes, offset, length, from);
    }) as typeof fs.readSync);
    await add(new Uint8Array(randomBytes(1000)));
    failing.mock.restore();
    assert.equal(listSegments(layout).get(segment.id)?.sizeBytes, segment.sizeBytes);
    const store = new Datadir(at);
    assert.equal((await store.get(digest)).length, 10_000);
    await store.close();
  });

  test('never believes a sync after one that failed: what it was for does not count as kept, to nobody', async () => {
    const at = path.join(folder, 'sync');
    const store = new Datadir(at, { create });
    const kept = new Uint8Array(randomBytes(1000));
    const lost = new Uint8Array(randomBytes(1000));
    const digests = [await store.add(kept)];
    await store.flush();
    digests.push(await store.add(lost));
    // As Linux does: the failure is reported once, and the pages are forgotten.
    const failing = mock.method(fs, 'fdatasyncSync', () => {
      failing.mock.restore();
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
    });
    await assert.rejects(store.flush(), { code: 'EIO' });
    await assert.rejects(store.flush(), { code: 'EIO' });
    await assert.rejects(store.close(), { code: 'EIO' });
    const other = new Datadir(at);
    await other.catchUp();
    assert.deepEqual(await other.hasBatch(digests), [true, false]);
    await other.close();
  });
});
