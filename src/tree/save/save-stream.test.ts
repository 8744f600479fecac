import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';
import { nameFromText } from '../../base/names.ts';
import { RefReader } from '../../block/ref-reader.ts';
import type { Ref } from '../../block/types.ts';
import { blake3 } from '../../hash/blake3.ts';
import { digestFromText } from '../../hash/digest.ts';
import { MemoryStore } from '../../store/memory.ts';
import { decodeRoot } from '../root-block.ts';
import { save } from './save.ts';

const chunking = { minBytes: 4096, targetBytes: 16384, maxBytes: 65536 };

test('a stream is saved as one file, in whatever pieces it comes', async () => {
  const bytes = randomBytes(3_000_000);
  const trees = new Set<string>();
  for (const pieceBytes of [1000, 65_536, 3_000_000]) {
    const store = new MemoryStore({ hash: blake3, chunking });
    const report = await save({ store, archive: 'a', source: { stream: pieces(bytes, pieceBytes), name: nameFromText('dump.sql') } });
    assert.equal(report.bytes, bytes.length);
    const root = decodeRoot(await store.get(digestFromText(report.tree)));
    assert.equal(Buffer.compare(await new RefReader(store).read(root.content as Ref, 0, bytes.length), bytes), 0);
    trees.add(JSON.stringify(root.content));
  }
  assert.equal(trees.size, 1);
});

test('a stream that fails leaves no revision', async () => {
  const store = new MemoryStore({ hash: blake3, chunking });
  const source = { stream: failing(), name: nameFromText('dump.sql') };
  await assert.rejects(save({ store, archive: 'a', source }), /the pipe broke/);
  assert.deepEqual(await store.archive('a').lines(), []);
});

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield fs.readFileSync(import.meta.filename);
  throw new Error('the pipe broke');
}
