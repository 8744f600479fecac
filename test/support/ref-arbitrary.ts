import fc from 'fast-check';
import { LITERAL_MAX_BYTES, MAX_DEPTH } from '../../src/block/limits.ts';
import { sliceRef } from '../../src/block/slice.ts';
import type { BlockRef, LiteralRef, Ref, RunRef, TreeRef } from '../../src/block/types.ts';
import { toDigest } from '../../src/hash/multihash.ts';
import { hashAlgorithms } from '../../src/hash/registry.ts';
import type { Digest } from '../../src/hash/types.ts';

/** Digests of every algorithm, of nothing in particular. */
export const anyDigest: fc.Arbitrary<Digest> = fc
  .constantFrom(...hashAlgorithms)
  .chain(({ code, hashBytes }) => fc.uint8Array({ minLength: hashBytes, maxLength: hashBytes }).map((hash) => toDigest(code, hash)));

const size = fc.oneof(fc.integer({ min: 2, max: 100_000 }), fc.integer({ min: 2, max: 2 ** 52 }));

const block = fc.record<BlockRef>({ kind: fc.constant('block'), digest: anyDigest, size });
const tree = fc.record<TreeRef>({ kind: fc.constant('tree'), digest: anyDigest, size, depth: fc.integer({ min: 1, max: MAX_DEPTH }) });
const run = fc.record<RunRef>({ kind: fc.constant('run'), byte: fc.integer({ min: 0, max: 255 }), size, hole: fc.constant(false) });
const hole = fc.record<RunRef>({ kind: fc.constant('run'), byte: fc.constant(0), size, hole: fc.constant(true) });
const literal: fc.Arbitrary<LiteralRef> = fc
  .uint8Array({ maxLength: LITERAL_MAX_BYTES })
  .map((bytes) => ({ kind: 'literal', bytes, size: bytes.length }));
const slice = fc
  .tuple(fc.oneof(block, tree), fc.nat(), fc.nat())
  .map(([of, a, b]) => sliceRef(of, a % of.size, 1 + (b % (of.size - (a % of.size)))));

/** Refs of every kind, as `writeRef` may write them. */
export const anyRef: fc.Arbitrary<Ref> = fc.oneof(block, tree, run, hole, literal, slice);
export const anyBlockRef = block;
