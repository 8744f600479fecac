import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'cborg';
import fc from 'fast-check';
import { BlockMap } from '../../test/support/block-map.ts';
import { comparable } from '../../test/support/comparable.ts';
import { anyEntry } from '../../test/support/entry-arbitrary.ts';
import { FormatError, VarveError } from '../base/errors.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { recordType } from '../block/record.ts';
import type { BlockRef } from '../block/types.ts';
import { blake3 } from '../hash/blake3.ts';
import { digestToText } from '../hash/digest.ts';
import { decodeDirectoryNode } from './directory-node.ts';
import { countOf, DirectoryWriter, type WrittenDirectory } from './directory-writer.ts';
import { encodeEntry } from './entry-encoder.ts';
import { decodeRoot, encodeRoot } from './root-block.ts';
import type { Entry, Owner } from './types.ts';

const owner: Owner = { uid: 0, gid: 0, user: 'root', group: 'root' };
const sorted = (entries: Entry[]) => entries.sort((a, b) => (a.name < b.name ? -1 : 1));
const anyDirectory = fc.uniqueArray(anyEntry, { selector: (entry) => entry.name, maxLength: 60 }).map(sorted);

function file(i: number, seconds = i): Entry {
  const content = { kind: 'block', digest: blake3.hash(Buffer.from(`${i} ${seconds}`)), size: i + 1 } as const;
  return {
    name: nameFromText(`file${String(i).padStart(7, '0')}`),
    kind: 'file',
    mode: 0o644,
    owner,
    mtime: { seconds, nanoseconds: 5 },
    content,
  };
}

function write(entries: readonly Entry[], blocks: BlockMap, salt?: Uint8Array): WrittenDirectory {
  const writer = new DirectoryWriter(blocks.emit, salt);
  for (const entry of entries) writer.add(entry);
  return writer.finish();
}

function readAll(ref: BlockRef, blocks: BlockMap): Entry[] {
  const node = decodeDirectoryNode(blocks.getNow(ref.digest));
  return 'entries' in node ? [...node.entries] : node.children.flatMap((child) => readAll(child.ref, blocks));
}

describe('directories', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(anyDirectory, (entries) => {
        const blocks = new BlockMap();
        assert.deepEqual(comparable(readAll(write(entries, blocks).content, blocks)), comparable(entries));
      }),
      { numRuns: 50 },
    );
  });

  test('of many entries come back, with the sum of what they hold', () => {
    const blocks = new BlockMap();
    const entries = Array.from({ length: 20_000 }, (_, i) => file(i));
    const { content, summary } = write(entries, blocks);
    assert.deepEqual(comparable(readAll(content, blocks)), comparable(entries));
    assert.deepEqual(summary, { files: 20_000, bytes: (20_000 * 20_001) / 2 });
  });

  test('are the same whether their entries were encoded before or not', () => {
    fc.assert(
      fc.property(anyDirectory, (entries) => {
        const writer = new DirectoryWriter(blake3.hash);
        for (const entry of entries) {
          const { files, bytes } = countOf(entry);
          writer.addEncoded(entry.name, encodeEntry(entry), { ...entry.owner }, files, bytes);
        }
        assert.deepEqual(writer.finish(), write(entries, new BlockMap()));
      }),
      { numRuns: 50 },
    );
  });

  test('that are empty are one small block', () => {
    const { content, summary } = write([], new BlockMap());
    assert.ok(content.size < 16);
    assert.deepEqual(summary, { files: 0, bytes: 0 });
  });

  test('of one writer do not touch each other', () => {
    const blocks = new BlockMap();
    const writer = new DirectoryWriter(blocks.emit);
    for (const entry of [file(1), file(2)]) writer.add(entry);
    writer.finish();
    writer.add(file(1));
    assert.deepEqual(writer.finish(), write([file(1)], blocks));
  });

  test('of 50 000 entries rewrite three nodes for a changed file', () => {
    const blocks = new BlockMap();
    const entries = Array.from({ length: 50_000 }, (_, i) => file(i));
    write(entries, blocks);
    const before = blocks.keys();
    entries[33_333] = file(33_333, 1);
    write(entries, blocks);
    const rewritten = [...blocks.keys()].filter((key) => !before.has(key)).length;
    assert.ok(rewritten <= 3, `${rewritten}`);
  });

  test('of 50 000 entries rewrite a handful of nodes for a new name', () => {
    const blocks = new BlockMap();
    const entries = Array.from({ length: 50_000 }, (_, i) => file(i));
    write(entries, blocks);
    const before = blocks.keys();
    entries.splice(25_000, 0, { ...file(7), name: `${entries[24_999]?.name}x` as ByteName });
    write(entries, blocks);
    const rewritten = [...blocks.keys()].filter((key) => !before.has(key)).length;
    assert.ok(rewritten <= 8, `${rewritten}`);
  });

  test('with a salt have other digests and the same entries', () => {
    const blocks = new BlockMap();
    const entries = Array.from({ length: 300 }, (_, i) => file(i));
    const salted = write(entries, blocks, Buffer.from('0123456789abcdef'));
    assert.notEqual(digestToText(salted.content.digest), digestToText(write(entries, blocks).content.digest));
    assert.deepEqual(comparable(readAll(salted.content, blocks)), comparable(entries));
  });

  for (const name of ['', '.', '..', 'a/b', '/', 'nul\0', 'x'.repeat(1025)]) {
    test(`cannot be written with the name ${JSON.stringify(name.slice(0, 20))}`, () => {
      assert.throws(() => write([{ ...file(1), name: name as ByteName }], new BlockMap()), FormatError);
    });

    test(`cannot be read with the name ${JSON.stringify(name.slice(0, 20))}`, () => {
      const socket = [0o140644, 0, 0];
      assert.throws(() => decodeDirectoryNode(encode(['dir', 1, 0, [[0, 0]], [], [Buffer.from(name, 'latin1'), socket]])), FormatError);
    });
  }

  test('cannot be written with a name twice, or out of order', () => {
    assert.throws(() => write([file(1), file(1)], new BlockMap()), FormatError);
    assert.throws(() => write([file(2), file(1)], new BlockMap()), FormatError);
  });

  const socket = [0o140644, 0, 0];
  const [a, b] = [Buffer.from('a'), Buffer.from('b')];
  for (const [what, node] of [
    ['a name twice', ['dir', 1, 0, [[0, 0]], [], [a, socket, a, socket]]],
    ['names out of order', ['dir', 1, 0, [[0, 0]], [], [b, socket, a, socket]]],
    ['entries without owner', ['dir', 1, 0, [], [], [a, socket]]],
    ['an owner without entries', ['dir', 1, 0, [[0, 0]], [], []]],
    [
      'an owner that nothing refers to',
      [
        'dir',
        1,
        0,
        [
          [0, 0],
          [1, 0],
        ],
        [0],
        [a, socket],
      ],
    ],
    [
      'owners out of order',
      [
        'dir',
        1,
        0,
        [
          [1, 0],
          [0, 0],
        ],
        [0, 1],
        [a, socket, b, socket],
      ],
    ],
    [
      'an owner index beyond the table',
      [
        'dir',
        1,
        0,
        [
          [0, 0],
          [1, 0],
        ],
        [0, 2],
        [a, socket, b, socket],
      ],
    ],
    ['a name without entry', ['dir', 1, 0, [[0, 0]], [], [a]]],
    ['no children above the leaves', ['dir', 1, 1, []]],
    ['too many levels', ['dir', 1, 11, []]],
    ['too many items', ['dir', 1, 0, [[0, 0]], [], [a, socket], a, a]],
    ['another type', ['root', 1, 0, [[0, 0]], [], [a, socket]]],
  ] as const) {
    test(`with ${what} are refused`, () => assert.throws(() => decodeDirectoryNode(encode(node)), FormatError));
  }

  test('that are damaged anywhere are refused, or read within bounds', () => {
    const blocks = new BlockMap();
    const { content } = write(
      Array.from({ length: 30 }, (_, i) => file(i)),
      blocks,
    );
    const valid = blocks.getNow(content.digest);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(valid.length),
        (changes, length) => {
          const bytes = Uint8Array.from(length % 3 === 0 ? valid.subarray(0, length) : valid);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            decodeDirectoryNode(bytes);
          } catch (error) {
            assert.ok(error instanceof VarveError, String(error));
          }
        },
      ),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });
});

describe('the root block', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => assert.deepEqual(comparable(decodeRoot(encodeRoot(entry))), comparable({ ...entry, name: '' }))),
    );
  });

  test('is refused when it is damaged, or is the one encoding of another', () => {
    const mutated = fc
      .tuple(anyEntry, fc.nat(), fc.nat(255))
      .map(([entry, at, value]) => encodeRoot(entry).with(at % encodeRoot(entry).length, value));
    fc.assert(
      fc.property(mutated, (bytes) => {
        let entry: Entry;
        try {
          entry = decodeRoot(bytes);
        } catch (error) {
          assert.ok(error instanceof VarveError, String(error));
          return;
        }
        assert.deepEqual(Buffer.from(encodeRoot(entry)), Buffer.from(bytes));
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });

  test('and a directory are told apart by their first bytes', () => {
    const blocks = new BlockMap();
    assert.equal(recordType(encodeRoot(file(1))), 'root');
    assert.equal(recordType(blocks.getNow(write([file(1)], blocks).content.digest)), 'dir');
  });
});
