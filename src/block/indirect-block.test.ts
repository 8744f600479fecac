import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'cborg';
import fc from 'fast-check';
import { anyRef } from '../../test/support/ref-arbitrary.ts';
import { FormatError, NewerFormatError, VarveError } from '../base/errors.ts';
import { blake3 } from '../hash/blake3.ts';
import { decodeIndirectBlock, encodeIndirectBlock, isLeafRef } from './indirect-block.ts';
import { recordType } from './record.ts';
import { refToText } from './ref-text.ts';
import type { BlockRef, Ref, TreeRef } from './types.ts';

const digest = blake3.hash(Buffer.from('varve'));
const block: BlockRef = { kind: 'block', digest, size: 10 };
const tree = (depth: number, size: number): TreeRef => ({ kind: 'tree', digest, depth, size });
const leafRefs = fc.array(
  anyRef.filter((ref) => isLeafRef(ref) && ref.size > 0 && ref.size < 2 ** 40),
  { minLength: 1, maxLength: 100 },
);

describe('indirect blocks', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(leafRefs, (children) => {
        const size = children.reduce((total, child) => total + child.size, 0);
        const decoded = decodeIndirectBlock(tree(1, size), encodeIndirectBlock(1, children));
        assert.deepEqual(decoded.children.map(refToText), children.map(refToText));
        assert.equal(decoded.ends.at(-1), size);
      }),
    );
  });

  test('are told from content by their first bytes', () => {
    assert.equal(recordType(encodeIndirectBlock(1, [block])), 'refs');
    assert.equal(recordType(Buffer.from('plain text')), undefined);
    assert.equal(recordType(Buffer.alloc(0)), undefined);
  });

  const refused: [string, TreeRef, number, Ref[]][] = [
    ['another size than the ref says', tree(1, 11), 1, [block]],
    ['another depth than the ref says', tree(2, 10), 1, [block]],
    ['a leaf above the lowest level', tree(2, 10), 2, [block]],
    ['a tree at the lowest level', tree(1, 10), 1, [tree(1, 10)]],
    ['a tree that does not get less deep', tree(3, 10), 3, [tree(3, 10)]],
    ['a tree that skips a level', tree(3, 10), 3, [tree(1, 10)]],
    ['a slice of a tree', tree(1, 4), 1, [{ kind: 'slice', of: tree(1, 10), offset: 0, size: 4 }]],
    ['an empty child', tree(1, 10), 1, [block, { kind: 'literal', bytes: new Uint8Array(0), size: 0 }]],
    ['more children than allowed', tree(1, 5130), 1, Array.from({ length: 513 }, () => block)],
  ];
  for (const [what, ref, depth, children] of refused) {
    test(`are refused with ${what}`, () => {
      assert.throws(() => decodeIndirectBlock(ref, encodeIndirectBlock(depth, children)), FormatError);
    });
  }

  test('of a newer version are refused as such', () => {
    assert.throws(() => decodeIndirectBlock(tree(1, 10), encode(['refs', 2, 1, []])), NewerFormatError);
  });

  test('that are damaged anywhere are refused or have the size that was asked for', () => {
    const valid = encodeIndirectBlock(
      1,
      Array.from({ length: 20 }, () => block),
    );
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(valid);
        bytes[at] = value;
        try {
          assert.equal(decodeIndirectBlock(tree(1, 200), bytes).ends.at(-1), 200);
        } catch (error) {
          assert.ok(error instanceof VarveError, String(error));
        }
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });
});
