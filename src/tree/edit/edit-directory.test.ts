import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockMap } from '../../../test/support/block-map.ts';
import { Random } from '../../../test/support/random.ts';
import { FormatError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { decodeDirectoryNode } from '../directory-node.ts';
import { DirectoryReader } from '../directory-reader.ts';
import { countOf, DirectoryWriter, type WrittenDirectory } from '../directory-writer.ts';
import { encodeEntry } from '../entry-encoder.ts';
import type { Entry } from '../types.ts';
import { type EncodedEntry, editDirectory } from './edit-directory.ts';

const OWNERS = [
  { uid: 0, gid: 0, user: 'root', group: 'root' },
  { uid: 1000, gid: 1000 },
];

function file(name: ByteName, version: number): Entry {
  const content = { kind: 'block', digest: blake3.hash(Buffer.from(`${name} ${version}`)), size: version + 1 } as const;
  const owner = OWNERS[version % 7 === 0 ? 1 : 0] as Entry['owner'];
  return { name, kind: 'file', mode: 0o644, owner, mtime: { seconds: version, nanoseconds: 5 }, content };
}

function nameOf(i: number): ByteName {
  return nameFromText(`file${String(i).padStart(7, '0')}`);
}

function encoded(entry: Entry): EncodedEntry {
  return { encoded: encodeEntry(entry), owner: entry.owner, ...countOf(entry) };
}

/** A directory as its entries by name, and as it is written from nothing. */
class Model {
  readonly entries: Map<ByteName, Entry>;

  constructor(entries: Iterable<Entry> = []) {
    this.entries = new Map(Array.from(entries, (entry) => [entry.name, entry]));
  }

  write(blocks: BlockMap, salt?: Uint8Array): WrittenDirectory {
    const writer = new DirectoryWriter(blocks.emit, salt);
    for (const name of [...this.entries.keys()].sort()) writer.add(this.entries.get(name) as Entry);
    return writer.finish();
  }

  /** Makes the edits here too. */
  edit(edits: ReadonlyMap<ByteName, Entry | undefined>): Map<ByteName, EncodedEntry | undefined> {
    for (const [name, entry] of edits) {
      if (entry === undefined) this.entries.delete(name);
      else this.entries.set(name, entry);
    }
    return new Map(Array.from(edits, ([name, entry]) => [name, entry && encoded(entry)]));
  }
}

function directoryOf(count: number): Model {
  return new Model(Array.from({ length: count }, (_, i) => file(nameOf(2 * i), i)));
}

test('an edited directory is the one that would be written from nothing, whatever is edited', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.constantFrom(0, 1, 40, 100, 3000, 12_000),
      fc.constantFrom(0.0005, 0.01, 0.6),
      async (seed, count, part) => {
        const random = new Random(seed);
        const blocks = new BlockMap();
        const model = directoryOf(count);
        let { content } = model.write(blocks);
        for (let round = 0; round < 3; round++) {
          const edits = new Map<ByteName, Entry | undefined>();
          const removes = random.fraction();
          for (let i = 0; i < 1 + part * count; i++) {
            // Names of the base, between them, and beyond the last.
            const name = nameOf(random.below(2 * count + 60));
            edits.set(name, random.chance(removes) ? undefined : file(name, random.below(50)));
          }
          const written = await editDirectory(new DirectoryReader(blocks), content, model.edit(edits), blocks.emit);
          assert.deepEqual(written, model.write(new BlockMap()));
          content = written.content;
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a range that is removed or appended leaves what would be written from nothing', async () => {
  const random = new Random(7);
  for (let i = 0; i < 60; i++) {
    const blocks = new BlockMap();
    const count = random.below(9000);
    const model = directoryOf(count);
    const { content } = model.write(blocks);
    const from = random.below(2 * count + 1);
    const to = random.chance(0.3) ? 2 * count : from + random.below(2 * count);
    const edits = new Map<ByteName, Entry | undefined>();
    for (let at = from; at < to; at++) edits.set(nameOf(at), undefined);
    if (random.chance(0.5)) for (let at = 2 * count; at < 2 * count + random.below(5000); at++) edits.set(nameOf(at), file(nameOf(at), 1));
    assert.deepEqual(
      await editDirectory(new DirectoryReader(blocks), content, model.edit(edits), blocks.emit),
      model.write(new BlockMap()),
    );
  }
});

test('attributes that swell leaves to their limit move no boundary to another place than from nothing', async () => {
  const swollen = (name: ByteName, bytes: number): Entry => ({
    ...file(name, 1),
    xattrs: [{ name: nameFromText('user.a'), value: new Uint8Array(bytes) }],
  });
  const blocks = new BlockMap();
  const model = new Model(Array.from({ length: 200 }, (_, i) => swollen(nameOf(2 * i), 30_000)));
  const { content } = model.write(blocks);
  for (const [at, bytes] of [
    [55, 1],
    [100, 60_000],
    [0, 100_000],
    [399, 0],
  ] as const) {
    const edits = model.edit(new Map([[nameOf(at), swollen(nameOf(at), bytes)]]));
    const written = await editDirectory(new DirectoryReader(blocks), content, edits, blocks.emit);
    assert.deepEqual(written, model.write(new BlockMap()));
    model.entries.clear();
    for (let i = 0; i < 200; i++) model.entries.set(nameOf(2 * i), swollen(nameOf(2 * i), 30_000));
  }
});

test('one changed name among 100 000 reads and writes a few nodes', async () => {
  const blocks = new BlockMap();
  const model = directoryOf(100_000);
  const { content } = model.write(blocks);
  const size = blocks.size;
  const reader = new DirectoryReader(blocks);
  const edits = model.edit(new Map([[nameOf(100_000), file(nameOf(100_000), 1)]]));
  await editDirectory(reader, content, edits, blocks.emit);
  assert.ok(blocks.fetched <= 8, `${blocks.fetched} nodes read`);
  assert.ok(blocks.size - size <= 6, `${blocks.size - size} nodes written`);
});

test('a salted directory stays salted in every node', async () => {
  const salt = Buffer.from('grains');
  const blocks = new BlockMap();
  const model = directoryOf(5000);
  const { content } = model.write(blocks, salt);
  const edits = model.edit(new Map([[nameOf(4001), file(nameOf(4001), 3)]]));
  const written = await editDirectory(new DirectoryReader(blocks), content, edits, blocks.emit);
  assert.deepEqual(written, model.write(new BlockMap(), salt));
  assert.deepEqual(Buffer.from(decodeDirectoryNode(blocks.getNow(written.content.digest)).salt ?? []), salt);
});

test('an unsafe name is refused', async () => {
  const blocks = new BlockMap();
  const edits = new Map([['..' as ByteName, encoded(file(nameOf(1), 1))]]);
  await assert.rejects(editDirectory(new DirectoryReader(blocks), undefined, edits, blocks.emit), FormatError);
});
