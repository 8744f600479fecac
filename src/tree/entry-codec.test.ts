import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode, type EncodeOptions, encode } from 'cborg';
import fc from 'fast-check';
import { comparable } from '../../test/support/comparable.ts';
import { anyEntry } from '../../test/support/entry-arbitrary.ts';
import { VarveError } from '../base/errors.ts';
import { nameFromText } from '../base/names.ts';
import { decodeEntry } from './entry-decoder.ts';
import { encodeEntry } from './entry-encoder.ts';
import type { Entry } from './types.ts';

const name = nameFromText('file');
const owner = { uid: 1, gid: 2 };
const symlink: Entry = {
  name,
  owner,
  kind: 'symlink',
  mode: 0o777,
  mtime: { seconds: -1, nanoseconds: 999_999_999 },
  target: nameFromText('../there'),
};

describe('entries', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(anyEntry, (entry) =>
        assert.deepEqual(comparable(decodeEntry(encodeEntry(entry), entry.name, entry.owner)), comparable(entry)),
      ),
    );
  });

  test('are CBOR as others understand it', () => {
    assert.deepEqual(decode(encodeEntry(symlink)), [0o120777, -1, 999_999_999, new Uint8Array(Buffer.from('../there'))]);
  });

  test('are encoded in one way only, or refused', () => {
    const mutated = fc
      .tuple(anyEntry, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
      .map(([entry, changes]) => {
        const bytes = encodeEntry(entry);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        let entry: Entry;
        try {
          entry = decodeEntry(bytes, name, owner);
        } catch (error) {
          assert.ok(error instanceof VarveError, String(error));
          return;
        }
        assert.deepEqual(Buffer.from(encodeEntry(entry)), Buffer.from(bytes));
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });

  const head = [0o140755, 0, 0];
  const map = (...pairs: [number, unknown][]) => new Map<number, unknown>(pairs);
  for (const [what, value] of [
    ['an unknown kind', [0o050755, 0, 0]],
    ['a mode beyond 16 bits', [0o1140755, 0, 0]],
    ['nanoseconds of a whole second', [0o140755, 0, 1_000_000_000]],
    ['an empty map of fields', [...head, map()]],
    ['fields out of order', [...head, map([3, true], [2, new Uint8Array(16)])]],
    ['an unknown field', [...head, map([8, true])]],
    ['attributes out of order', [...head, map([1, [Buffer.from('b'), Buffer.of(), Buffer.from('a'), Buffer.of()]])]],
    ['an attribute twice', [...head, map([1, [Buffer.from('a'), Buffer.of(), Buffer.from('a'), Buffer.of()]])]],
    ['a short identity', [...head, map([2, new Uint8Array(15)])]],
    ['a hard link without identity', [0o170755, 0, 0]],
    ['a file without content', [0o100644, 0, 0]],
    ['too many items', [...head, 1, 2]],
  ] as const) {
    test(`with ${what} are refused`, () => {
      const bytes = encode(value, { mapSorter: () => 0 } as EncodeOptions);
      assert.throws(() => decodeEntry(bytes, name, owner), VarveError);
    });
  }
});
