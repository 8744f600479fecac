import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeConformance } from './conformance.ts';
import { MemoryStore } from './memory.ts';

storeConformance('memory', { open: async (hash) => new MemoryStore({ hash }) });

describe('a bounded memory store', () => {
  const block = (byte: number) => Buffer.alloc(100, byte);

  test('drops the least recently used blocks first', async () => {
    const store = new MemoryStore({ maxBytes: 300 });
    const [a, b, c] = await store.addBatch([block(1), block(2), block(3)]);
    assert.ok(a && b && c);
    await store.get(a);
    const d = await store.add(block(4));
    assert.deepEqual(await store.hasBatch([a, b, c, d]), [true, false, true, true]);
  });

  test('counts a block that is added again as used', async () => {
    const store = new MemoryStore({ maxBytes: 200 });
    const [a, b] = await store.addBatch([block(1), block(2)]);
    assert.ok(a && b);
    await store.add(block(1));
    await store.add(block(3));
    assert.deepEqual(await store.hasBatch([a, b]), [true, false]);
  });

  test('does not keep a block beyond its bound', async () => {
    const store = new MemoryStore({ maxBytes: 50 });
    assert.equal(await store.has(await store.add(block(1))), false);
  });
});
