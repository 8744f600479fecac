import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { FormatError } from './errors.ts';

type Value = number | string | boolean | Uint8Array | Value[] | { [key: string]: Value };

/** Strings stand for text here; byte strings are Uint8Array. */
function write(writer: CborWriter, value: Value): void {
  if (typeof value === 'number') writer.int(value);
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (typeof value === 'string') writer.text(value);
  else if (value instanceof Uint8Array) writer.bytes(value);
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const item of value) write(writer, item);
  } else {
    const pairs = Object.entries(value).map(([key, item]) => ({ key: encodeOurs(key), item }));
    pairs.sort((a, b) => Buffer.compare(a.key, b.key));
    writer.map(pairs.length);
    for (const { key, item } of pairs) {
      writer.raw(key);
      write(writer, item);
    }
  }
}

function encodeOurs(value: Value): Uint8Array {
  const writer = new CborWriter();
  write(writer, value);
  return writer.copy();
}

function read(reader: CborReader): Value {
  switch (reader.major()) {
    case 0:
    case 1:
      return reader.int();
    case 2:
      return new Uint8Array(reader.bytes());
    case 3:
      return reader.text(1000);
    case 4:
      return Array.from({ length: reader.array(1000) }, () => read(reader));
    case 5: {
      const pairs = Array.from({ length: reader.map(1000) }, () => [reader.text(1000), read(reader)]);
      return Object.fromEntries(pairs) as { [key: string]: Value };
    }
    default:
      return reader.boolean();
  }
}

function decodeOurs(bytes: Uint8Array): Value {
  const reader = new CborReader(bytes, 'value');
  const value = read(reader);
  reader.end();
  return value;
}

const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.constantFrom(23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32),
);
const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    integers,
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }) as fc.Arbitrary<Value>,
    fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 30, noNullPrototype: true }) as fc.Arbitrary<Value>,
  ),
})).value;

const strict = { strict: true, rejectDuplicateMapKeys: true, useMaps: false };

describe('deterministic CBOR', () => {
  test('the writer writes what cborg writes', () => {
    fc.assert(
      fc.property(values, (value) => assert.deepEqual(Buffer.from(encodeOurs(value)), Buffer.from(encode(value, rfc8949EncodeOptions)))),
    );
  });

  test('the reader reads what cborg wrote', () => {
    fc.assert(fc.property(values, (value) => assert.deepEqual(decodeOurs(encode(value, rfc8949EncodeOptions)), value)));
  });

  test('cborg reads what the writer wrote', () => {
    fc.assert(fc.property(values, (value) => assert.deepEqual(decode(encodeOurs(value), strict), value)));
  });

  test('skip moves behind exactly one item', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encodeOurs(value);
        const reader = new CborReader(Buffer.concat([bytes, Buffer.of(0xf5)]), 'value');
        assert.deepEqual(Buffer.from(reader.raw()), Buffer.from(bytes));
        assert.equal(reader.boolean(), true);
      }),
    );
  });

  test('a byte name is written and read byte for byte, at any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const name = Buffer.from(bytes).toString('latin1');
        const writer = new CborWriter();
        writer.byteName(name);
        assert.deepEqual(Buffer.from(writer.view()), Buffer.from(encode(bytes)));
        assert.equal(new CborReader(writer.copy(), 'name').byteName(300), name);
      }),
    );
  });

  test('random bytes are read as cborg reads them, or refused with FormatError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let value: Value;
        try {
          value = decodeOurs(bytes);
        } catch (error) {
          assert.ok(error instanceof FormatError);
          return;
        }
        assert.deepEqual(value, decode(bytes, { strict: true }));
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });

  for (const [problem, hex] of [
    ['a head longer than needed', '1817'],
    ['a two-byte head longer than needed', '1900ff'],
    ['a four-byte head longer than needed', '1a0000ffff'],
    ['an eight-byte head longer than needed', '1b00000000ffffffff'],
    ['an integer of 2^53', '1b0020000000000000'],
    ['an integer of −2^53', '3b001fffffffffffff'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite string', '5f4101ff'],
    ['a string beyond the end', '5a7fffffff00'],
    ['an array count beyond the end', '9a7fffffff00'],
    ['a map count beyond the end', 'a20101'],
    ['text that is not UTF-8', '62c328'],
    ['a float', 'f93c00'],
    ['a tag', 'c001'],
    ['nothing', ''],
    ['trailing bytes', '0000'],
  ] as const) {
    test(`the reader refuses ${problem}`, () => {
      assert.throws(() => decodeOurs(Buffer.from(hex, 'hex')), FormatError);
    });
  }

  test('skip refuses a deep nest that is cut short, without recursing', () => {
    assert.throws(() => new CborReader(Buffer.alloc(1_000_000, 0x81), 'nest').skip(), FormatError);
  });
});
