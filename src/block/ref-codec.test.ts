import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'cborg';
import fc from 'fast-check';
import { anyRef } from '../../test/support/ref-arbitrary.ts';
import { FormatError, VarveError } from '../base/errors.ts';
import { blake3 } from '../hash/blake3.ts';
import { decodeRef, encodeRef } from './ref-codec.ts';
import { refFromText, refToText } from './ref-text.ts';
import type { Ref } from './types.ts';

const runs = Number(process.env.VARVE_FUZZ_RUNS ?? 2000);
const digest = blake3.hash(Buffer.from('varve'));
const hex = Buffer.from(digest).toString('hex');

describe('refs', () => {
  test('the binary form comes back as it was', () => {
    fc.assert(fc.property(anyRef, (ref) => assert.equal(refToText(decodeRef(encodeRef(ref))), refToText(ref))));
  });

  test('the text form comes back as it was', () => {
    fc.assert(
      fc.property(anyRef, (ref) => assert.deepEqual(Buffer.from(encodeRef(refFromText(refToText(ref)))), Buffer.from(encodeRef(ref)))),
    );
  });

  test('the text form needs no quoting in a shell', () => {
    fc.assert(fc.property(anyRef, (ref) => assert.match(refToText(ref), /^[A-Za-z0-9:+_-]+$/)));
  });

  test('changed bytes are refused, or are the one binary form of another ref', () => {
    const mutated = fc.tuple(anyRef, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })).map(([ref, changes]) => {
      const bytes = encodeRef(ref);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        let ref: Ref;
        try {
          ref = decodeRef(bytes);
        } catch (error) {
          assert.ok(error instanceof VarveError, String(error));
          return;
        }
        assert.deepEqual(Buffer.from(encodeRef(ref)), Buffer.from(bytes));
      }),
      { numRuns: runs },
    );
  });

  test('changed text is refused, or is the one text form of another ref', () => {
    const mutated = fc.tuple(anyRef, fc.nat(), fc.string({ maxLength: 3 })).map(([ref, at, insert]) => {
      const text = refToText(ref);
      const cut = at % text.length;
      return text.slice(0, cut) + insert + text.slice(cut + 1);
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string()), (text) => {
        let ref: Ref;
        try {
          ref = refFromText(text);
        } catch (error) {
          assert.ok(error instanceof VarveError, String(error));
          return;
        }
        assert.equal(refToText(ref), text);
      }),
      { numRuns: runs },
    );
  });

  for (const [what, text, ref] of [
    ['a block', `block:blake3:${hex.slice(4)}+4096`, { kind: 'block', digest, size: 4096 }],
    ['a tree', `tree:2:blake3:${hex.slice(4)}+99`, { kind: 'tree', digest, size: 99, depth: 2 }],
    ['a run', 'run:ff+4096', { kind: 'run', byte: 255, size: 4096, hole: false }],
    ['a hole', 'hole+4096', { kind: 'run', byte: 0, size: 4096, hole: true }],
    ['a literal', 'literal:dmFydmU', { kind: 'literal', bytes: Buffer.from('varve'), size: 5 }],
  ] as const) {
    test(`${what} is written ${text}`, () => assert.equal(refToText(ref), text));
  }

  for (const [what, value] of [
    ['a literal that should be a block', new Uint8Array(65)],
    ['a slice of a slice', [4, 2, 1, [4, 8, 1, [0, 10, digest]]]],
    ['a slice beyond the end', [4, 5, 6, [0, 10, digest]]],
    ['a slice of everything', [4, 10, 0, [0, 10, digest]]],
    ['a slice of a run', [4, 5, 0, [2, 10, 0]]],
    ['a slice of a literal', [4, 1, 0, Buffer.from('abc')]],
    ['an empty block', [0, 0, digest]],
    ['a tree of depth 0', [1, 5, digest, 0]],
    ['a tree of depth 11', [1, 5, digest, 11]],
    ['a run of what is not a byte', [2, 5, 256]],
    ['an unknown kind', [5, 5]],
    ['a digest of an unknown algorithm', [0, 5, Buffer.from(`7020${hex.slice(4)}`, 'hex')]],
    ['a digest of the wrong length', [0, 5, digest.subarray(0, 20)]],
    ['a missing item', [0, 5]],
  ] as const) {
    test(`${what} is refused`, () => {
      assert.throws(() => decodeRef(encode(value)), VarveError);
    });
  }

  for (const text of ['run+00+2', 'hole:4', 'run:0+4', 'hole+0', 'hole+04', 'literal:a', 'block:+4', `block:blake3:${hex.slice(4)}`]) {
    test(`the text ${text.slice(0, 20)} is refused`, () => {
      assert.throws(() => refFromText(text), FormatError);
    });
  }

  test('trailing bytes are refused', () => {
    assert.throws(() => decodeRef(Buffer.from('4000', 'hex')), FormatError);
  });
});
