import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BlockMap } from '../../test/support/block-map.ts';
import { CborWriter } from '../base/cbor-writer.ts';
import { FormatError } from '../base/errors.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import type { BlockRef } from '../block/types.ts';
import { hashByName } from '../hash/registry.ts';
import { type ChildNode, writeInteriorNode } from './directory-node.ts';
import { DirectoryReader } from './directory-reader.ts';
import { DirectoryWriter } from './directory-writer.ts';
import type { Entry } from './types.ts';

function entry(i: number): Entry {
  return {
    name: nameFromText(`name${String(i).padStart(6, '0')}`),
    kind: 'socket',
    mode: 0o600,
    owner: { uid: 1, gid: 1 },
    mtime: { seconds: i, nanoseconds: 0 },
  };
}

function write(count: number, blocks: BlockMap): BlockRef {
  const writer = new DirectoryWriter(blocks.emit);
  for (let i = 0; i < count; i++) writer.add(entry(i));
  return writer.finish().content;
}

async function names(listing: AsyncIterable<readonly Entry[]>): Promise<string[]> {
  const found: string[] = [];
  for await (const entries of listing) found.push(...entries.map(({ name }) => name));
  return found;
}

for (const algorithm of ['blake3', 'sha2-256']) {
  describe(`the directory reader, under ${algorithm}`, () => {
    const blocks = new BlockMap(hashByName(algorithm));
    const count = 20_000;
    const directory = write(count, blocks);

    test('lists everything in order', async () => {
      assert.deepEqual(
        await names(new DirectoryReader(blocks).entries(directory)),
        Array.from({ length: count }, (_, i) => entry(i).name),
      );
    });

    test('lists from any name on', async () => {
      const reader = new DirectoryReader(blocks);
      await fc.assert(
        fc.asyncProperty(fc.nat(count + 10), fc.constantFrom('', 'x'), async (i, suffix) => {
          const start = (entry(i).name + suffix) as ByteName;
          const first = suffix === '' ? i : i + 1;
          const { value } = await reader.entries(directory, { start }).next();
          assert.equal(value?.[0]?.name, first < count ? entry(first).name : undefined);
        }),
        { numRuns: 60 },
      );
    });

    test('finds every name there is, and no other', async () => {
      const reader = new DirectoryReader(blocks);
      for (let i = 0; i < count; i += 611) {
        assert.equal((await reader.lookup(directory, entry(i).name))?.mtime.seconds, i);
        assert.equal(await reader.lookup(directory, `${entry(i).name}x` as ByteName), undefined);
      }
      assert.equal(await reader.lookup(directory, 'zzz' as ByteName), undefined);
      assert.equal(await reader.lookup(directory, '' as ByteName), undefined);
    });
  });
}

describe('the directory reader', () => {
  const blocks = new BlockMap();
  const directory = write(100_000, blocks);

  test('finds a name among 100 000 in three blocks, and none the second time', async () => {
    const reader = new DirectoryReader(blocks);
    blocks.fetched = 0;
    await reader.lookup(directory, entry(77_777).name);
    assert.equal(blocks.fetched, 3);
    await reader.lookup(directory, entry(77_777).name);
    assert.equal(blocks.fetched, 3);
  });

  test('stops fetching when a listing is abandoned', async () => {
    blocks.fetched = 0;
    for await (const entries of new DirectoryReader(blocks).entries(directory)) {
      assert.ok(entries.length > 0);
      break;
    }
    assert.ok(blocks.fetched < 100, `${blocks.fetched}`);
  });

  test('works with next to no memory', async () => {
    assert.equal((await names(new DirectoryReader(blocks, 1).entries(directory))).length, 100_000);
  });

  /** A node above the given ones, as a hostile writer may compose it. */
  function forge(level: number, children: { ref: BlockRef; lastName: ByteName }[]): BlockRef {
    const writer = new CborWriter();
    writeInteriorNode(
      writer,
      level,
      children.map((child): ChildNode => ({ ...child, entries: 1, files: 1, bytes: 1 })),
      undefined,
    );
    return { kind: 'block', digest: blocks.emit(writer.copy()), size: writer.length };
  }

  const leaf = write(2, blocks);
  const { name } = entry(1);
  const refused: [string, BlockRef][] = [
    ['a node that ends with another name', forge(1, [{ ref: leaf, lastName: 'other' as ByteName }])],
    ['a node of the wrong level', forge(2, [{ ref: leaf, lastName: name }])],
    ['a node of another size', forge(1, [{ ref: { ...leaf, size: leaf.size + 1 }, lastName: name }])],
  ];
  for (const [what, ref] of refused) {
    test(`refuses ${what}`, async () => {
      await assert.rejects(names(new DirectoryReader(blocks).entries(ref)), FormatError);
      await assert.rejects(new DirectoryReader(blocks).lookup(ref, name), FormatError);
    });
  }

  test('refuses names that come again in the next node', async () => {
    const writer = new DirectoryWriter(blocks.emit);
    for (let i = 0; i < 4; i++) writer.add(entry(i));
    const overlapping = writer.finish().content;
    const ref = forge(1, [
      { ref: leaf, lastName: name },
      { ref: overlapping, lastName: entry(3).name },
    ]);
    await assert.rejects(names(new DirectoryReader(blocks).entries(ref)), FormatError);
  });
});
