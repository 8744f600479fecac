import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, mock, test } from 'node:test';
import { blake3 } from '../../hash/blake3.ts';
import { Datadir } from './datadir.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-writer-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const create = { hash: blake3, chunking: { minBytes: 8192, targetBytes: 32768, maxBytes: 131072 } };

describe('a segment writer', () => {
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
