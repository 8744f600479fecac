import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BlockMap } from '../../test/support/block-map.ts';
import { blake3 } from '../hash/blake3.ts';
import { decodeIndirectBlock } from './indirect-block.ts';
import { MAX_CHILDREN } from './limits.ts';
import { RefBuilder } from './ref-builder.ts';
import { encodeRef } from './ref-codec.ts';
import { refToText } from './ref-text.ts';
import type { BlockRef, LeafRef, Ref, TreeRef } from './types.ts';

function leaf(seed: number | string): BlockRef {
  const digest = blake3.hash(Buffer.from(String(seed)));
  return { kind: 'block', digest, size: 1000 + ((digest[5] as number) << 4) };
}

function leaves(count: number): BlockRef[] {
  return Array.from({ length: count }, (_, i) => leaf(i));
}

function build(pieces: readonly LeafRef[], blocks = new BlockMap()): Ref {
  const builder = new RefBuilder(blocks.emit);
  for (const piece of pieces) builder.append(piece);
  return builder.finish();
}

function flatten(ref: Ref, blocks: BlockMap): Ref[] {
  if (ref.kind !== 'tree') return ref.size === 0 ? [] : [ref];
  return decodeIndirectBlock(ref, blocks.getNow(ref.digest)).children.flatMap((child) => flatten(child, blocks));
}

const run = (byte: number, size: number): LeafRef => ({ kind: 'run', byte, size, hole: false });

describe('the ref builder', () => {
  test('gives nothing the empty literal', () => assert.equal(refToText(build([])), 'literal:'));

  test('leaves a single piece as it is', () => {
    const piece = leaf(1);
    assert.equal(build([piece]), piece);
  });

  test('puts two pieces below one indirect block', () => {
    const blocks = new BlockMap();
    const ref = build([leaf(1), leaf(2)], blocks);
    assert.equal(ref.kind === 'tree' && ref.depth, 1);
    assert.equal(ref.size, leaf(1).size + leaf(2).size);
    assert.equal(blocks.size, 1);
  });

  test('gives back the pieces in order, however many', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(100), fc.nat(20_000)), (count) => {
        const blocks = new BlockMap();
        const pieces = leaves(count);
        assert.deepEqual(flatten(build(pieces, blocks), blocks).map(refToText), pieces.map(refToText));
      }),
      { numRuns: 20 },
    );
  });

  test('makes one run of neighbours of one kind, and only of those', () => {
    const hole: LeafRef = { kind: 'run', byte: 0, size: 5, hole: true };
    const blocks = new BlockMap();
    const ref = build([run(0, 3), run(0, 4), hole, hole, run(1, 1), leaf(1), run(1, 2)], blocks);
    assert.deepEqual(flatten(ref, blocks).map(refToText), ['run:00+7', 'hole+10', 'run:01+1', refToText(leaf(1)), 'run:01+2']);
  });

  test('leaves out pieces without bytes', () => {
    assert.equal(refToText(build([{ kind: 'literal', bytes: new Uint8Array(0), size: 0 }, leaf(7)])), refToText(leaf(7)));
  });

  test('rewrites a handful of indirect blocks for one insertion into a long file', () => {
    const blocks = new BlockMap();
    const pieces = leaves(100_000);
    build(pieces, blocks);
    const before = blocks.keys();
    pieces.splice(44_444, 0, leaf('new'));
    build(pieces, blocks);
    const rewritten = [...blocks.keys()].filter((key) => !before.has(key)).length;
    assert.ok(rewritten <= 6, `${rewritten} of ${before.size}`);
  });

  test('bounds its blocks also when every piece is the same', () => {
    const blocks = new BlockMap();
    const ref = build(
      Array.from({ length: 5000 }, () => leaf(0)),
      blocks,
    );
    assert.equal(ref.size, 5000 * leaf(0).size);
    for (const child of decodeIndirectBlock(ref as TreeRef, blocks.getNow((ref as TreeRef).digest)).children) {
      assert.ok(child.size <= MAX_CHILDREN * leaf(0).size);
    }
  });

  test('names equal lists of pieces alike', () => {
    assert.deepEqual(encodeRef(build(leaves(3000))), encodeRef(build(leaves(3000))));
  });
});
