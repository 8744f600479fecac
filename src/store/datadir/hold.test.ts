import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, mock, test } from 'node:test';
import { onFullDisk } from '../../../test/support/full-disk.ts';
import { blake3 } from '../../hash/blake3.ts';
import { shareStore } from '../share.ts';
import { allocateClaims, Claims } from './claims.ts';
import { Datadir } from './datadir.ts';
import { liveSessions } from './sessions.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-hold-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const create = { hash: blake3, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } };
let count = 0;
const fresh = () => new Datadir(path.join(folder, String(count++)), { create });
const block = () => new Uint8Array(randomBytes(1000));

describe('holding a datadir', () => {
  test('lets a full store be read, and refuses to add what would not be protected', async () => {
    const store = fresh();
    const digest = await store.add(block());
    await store.flush();
    await onFullDisk(async () => {
      const hold = await store.hold([digest]);
      assert.equal((await store.get(digest)).length, 1000);
      assert.ok(shareStore(store, 'reading'));
      assert.throws(() => shareStore(store, 'adding'), { code: 'ENOSPC' });
      await hold.release();
    });
    await (await store.hold()).release();
    assert.ok(shareStore(store, 'adding'));
    await store.close();
  });

  test('ends although its file cannot be removed, and is taken for that of a dead process then', async (context) => {
    const store = fresh();
    const hold = await store.hold();
    const readOnly = Object.assign(new Error('EROFS: read-only file system, unlink'), { code: 'EROFS', syscall: 'unlink' });
    const failing = context.mock.method(fs, 'rmSync', () => {
      throw readOnly;
    });
    await assert.rejects(hold.release(), { code: 'EROFS' });
    failing.mock.restore();
    assert.deepEqual(liveSessions(store.layout.sessions), []);
    await store.close();
  });

  test('forgets what threads of an earlier use have claimed and perhaps never stored', async () => {
    const store = fresh();
    const memory = allocateClaims();
    store.useClaims(memory);
    const lost = block();
    new Claims(memory).claim(blake3.hash(lost), 2);
    assert.equal(await store.has(blake3.hash(lost)), true);
    const hold = await store.hold();
    assert.equal(await store.has(blake3.hash(lost)), false);
    await hold.release();
    await store.close();
  });

  test('begins anew after a sync that failed', async () => {
    const store = fresh();
    const lost = block();
    await store.add(lost);
    const failing = mock.method(fs, 'fdatasyncSync', () => {
      failing.mock.restore();
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
    });
    await assert.rejects(store.flush(), { code: 'EIO' });
    const hold = await store.hold();
    assert.equal(await store.has(blake3.hash(lost)), false);
    const digest = await store.add(lost);
    await store.flush();
    assert.equal((await store.get(digest)).length, 1000);
    await hold.release();
    await store.close();
  });
});
