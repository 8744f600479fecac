import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BlockMap } from '../../test/support/block-map.ts';
import { FormatError } from '../base/errors.ts';
import { hashByName } from '../hash/registry.ts';
import { RefBuilder } from './ref-builder.ts';
import { RefReader } from './ref-reader.ts';
import { sliceRef } from './slice.ts';
import type { Ref, TreeRef } from './types.ts';

/** A sequence of `count` pieces of all leaf kinds, as a ref and as the bytes that it stands for. */
function sequence(count: number, blocks: BlockMap): { ref: Ref; bytes: Buffer } {
  const builder = new RefBuilder(blocks.emit);
  const pieces: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(`piece ${i * 7919} `.repeat(1 + (i % 5)));
    if (i % 7 === 3) {
      const run = Buffer.alloc(100 + i, i);
      pieces.push(run);
      builder.append({ kind: 'run', byte: i & 0xff, size: run.length, hole: false });
    } else if (i % 7 === 5) {
      pieces.push(bytes.subarray(0, 11));
      builder.append({ kind: 'literal', bytes: bytes.subarray(0, 11), size: 11 });
    } else if (i % 7 === 6) {
      pieces.push(bytes.subarray(2, 6));
      builder.append({ kind: 'slice', of: { kind: 'block', digest: blocks.emit(bytes), size: bytes.length }, offset: 2, size: 4 });
    } else {
      pieces.push(bytes);
      builder.append({ kind: 'block', digest: blocks.emit(bytes), size: bytes.length });
    }
  }
  return { ref: builder.finish(), bytes: Buffer.concat(pieces) };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

for (const algorithm of ['blake3', 'sha2-256']) {
  describe(`the ref reader, under ${algorithm}`, () => {
    const blocks = new BlockMap(hashByName(algorithm));
    const samples = [0, 1, 2, 50, 700, 9000].map((count) => sequence(count, blocks));
    const range = fc.record({
      sample: fc.constantFrom(...samples),
      offset: fc.double({ min: 0, max: 1.1, noNaN: true }),
      length: fc.oneof(fc.nat(50), fc.nat(100_000)),
    });

    test('reads any range as the bytes have it', async () => {
      const reader = new RefReader(blocks);
      await fc.assert(
        fc.asyncProperty(range, async ({ sample: { ref, bytes }, offset, length }) => {
          const from = Math.floor(offset * bytes.length);
          assert.ok(bytes.subarray(from, from + length).equals(await reader.read(ref, from, length)));
        }),
        { numRuns: 200 },
      );
    });

    test('reads a slice as the part of the whole', async () => {
      const reader = new RefReader(blocks);
      await fc.assert(
        fc.asyncProperty(range, fc.nat(2000), async ({ sample: { ref, bytes }, offset, length }, inner) => {
          const from = Math.min(Math.floor(offset * bytes.length), bytes.length);
          const size = Math.min(length, bytes.length - from);
          const part = bytes.subarray(from, from + size);
          assert.ok(part.subarray(inner, inner + 99).equals(await reader.read(sliceRef(ref, from, size), inner, 99)));
        }),
        { numRuns: 100 },
      );
    });

    test('streams everything, and any range', async () => {
      const reader = new RefReader(blocks);
      for (const { ref, bytes } of samples) {
        assert.ok(bytes.equals(await collect(reader.stream(ref))));
        assert.ok(bytes.subarray(33, 7777).equals(await collect(reader.stream(ref, { offset: 33, length: 7744 }))));
      }
    });

    test('gives leaves that follow one another', async () => {
      const { ref } = samples[5] as { ref: Ref };
      let end = 17;
      for await (const leaves of new RefReader(blocks).leaves(ref, { offset: 17, length: 90_000 })) {
        for (const leaf of leaves) {
          assert.equal(leaf.offset, end);
          end += leaf.ref.size;
        }
      }
      assert.equal(end, 17 + 90_000);
    });
  });
}

describe('the ref reader', () => {
  const blocks = new BlockMap();
  const { ref, bytes } = sequence(9000, blocks);

  test('fetches O(log n) blocks for a place, and the content alone the next time', async () => {
    const reader = new RefReader(blocks);
    const place = Math.floor(bytes.length / 2);
    blocks.fetched = 0;
    await reader.read(ref, place, 1);
    assert.ok(blocks.fetched <= 8, `${blocks.fetched}`);
    blocks.fetched = 0;
    await reader.read(ref, place, 1);
    assert.ok(blocks.fetched <= 1, `${blocks.fetched}`);
  });

  test('forgets indirect blocks beyond its bound, and still reads', async () => {
    const reader = new RefReader(blocks, { cacheBytes: 1 });
    assert.ok(bytes.equals(await reader.read(ref, 0, bytes.length)));
  });

  test('stops fetching when its stream is abandoned', async () => {
    blocks.fetched = 0;
    for await (const piece of new RefReader(blocks).stream(ref)) {
      assert.ok(piece.length > 0);
      break;
    }
    const fetched = blocks.fetched;
    assert.ok(fetched < 200, `${fetched}`);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(blocks.fetched, fetched);
  });

  test('throws the reason of an aborted signal', async () => {
    const abort = new AbortController();
    const stream = new RefReader(blocks).stream(ref, { signal: abort.signal });
    await stream.next();
    abort.abort(new Error('enough'));
    await assert.rejects(collect(stream), /enough/);
  });

  test('refuses a block of another length than its ref says', async () => {
    const digest = blocks.emit(Buffer.from('five!'));
    await assert.rejects(new RefReader(blocks).read({ kind: 'block', digest, size: 6 }, 0, 6), FormatError);
  });

  test('refuses a ref that lies about an indirect block, also one that it knows', async () => {
    const reader = new RefReader(blocks);
    await reader.read(ref, 0, 1);
    await assert.rejects(reader.read({ ...(ref as TreeRef), size: ref.size + 1 }, 0, 1), FormatError);
    await assert.rejects(reader.read({ ...(ref as TreeRef), depth: 5 }, 0, 1), FormatError);
    await assert.rejects(new RefReader(blocks).read({ ...(ref as TreeRef), size: ref.size + 1 }, 0, 1), FormatError);
  });

  test('streams a run of four gigabytes in little memory', async () => {
    let size = 0;
    for await (const piece of new RefReader(blocks).stream({ kind: 'run', byte: 0, size: 2 ** 32 + 5, hole: true })) size += piece.length;
    assert.equal(size, 2 ** 32 + 5);
  });
});
