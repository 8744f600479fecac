import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FormatError, UsageError, VarveError } from '../base/errors.ts';
import { MemoryStore } from '../store/memory.ts';
import { Archive, checkTag, RevisionGoneError, timeKey } from './archive.ts';
import { decodeRevision, encodeRevision } from './revision-line.ts';
import type { Revision } from './types.ts';

const revision: Revision = {
  time: '2026-03-01T10:00:00.5Z',
  tree: `blake3:${'ab'.repeat(32)}`,
  files: 3,
  bytes: 17,
  host: 'here',
  user: 'me',
};

const free = fc.string().filter((key) => !['varve', 'check', 'source', 'note', 'tags', 'pinned', ...Object.keys(revision)].includes(key));
const anyRevision: fc.Arbitrary<Revision> = fc.record(
  {
    time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((date) => date.toISOString()),
    tree: fc.constant(revision.tree),
    files: fc.maxSafeNat(),
    bytes: fc.maxSafeNat(),
    host: fc.string(),
    user: fc.string({ unit: 'grapheme' }),
    source: fc.string(),
    note: fc.string({ unit: 'grapheme' }),
    tags: fc.array(fc.string(), { minLength: 1 }),
    pinned: fc.constant(true),
    more: fc.dictionary(free, fc.jsonValue(), { minKeys: 1, noNullPrototype: true }),
  },
  { requiredKeys: ['time', 'tree', 'files', 'bytes', 'host', 'user'], noNullPrototype: true },
);

async function archiveOf(...revisions: Revision[]): Promise<Archive> {
  const archive = new Archive(new MemoryStore().archive('docs'));
  for (const each of revisions) await archive.append(each);
  return archive;
}

describe('the line of a revision', () => {
  test('comes back as it was, with fields that nobody knows', () => {
    fc.assert(
      fc.property(anyRevision, (each) => {
        const line = encodeRevision(each);
        assert.ok(!line.includes('\n'));
        // Through JSON, for which −0 is 0.
        assert.deepEqual(decodeRevision(line), JSON.parse(JSON.stringify(each)));
      }),
    );
  });

  test('is JSON that begins with its version and ends with its checksum', () => {
    assert.match(encodeRevision(revision), /^\{"varve":1,"time":.*,"check":"[0-9a-f]{8}"\}$/);
  });

  test('changed anywhere is refused', () => {
    const line = encodeRevision({ ...revision, note: 'before the move' });
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.string({ maxLength: 2 }), (at, other) => {
        fc.pre(line[at] !== other);
        assert.throws(() => decodeRevision(line.slice(0, at) + other + line.slice(at + 1)), FormatError);
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 1000) },
    );
  });

  test('refuses a free field under a name of its own', () => {
    assert.throws(() => encodeRevision({ ...revision, more: { tree: 'another' } }), TypeError);
  });

  for (const [what, bad] of [
    ['a time without zone', { time: '2026-03-01T10:00:00' }],
    ['a tree that is no digest', { tree: 'abc' }],
    ['a negative count', { files: -1 }],
    ['a tag that is no text', { tags: [1] }],
  ] as const) {
    test(`is refused with ${what}`, () =>
      assert.throws(() => decodeRevision(encodeRevision({ ...revision, ...bad } as never)), VarveError));
  }
});

describe('an archive', () => {
  const at = (time: string, note: string): Revision => ({ ...revision, time, note });

  test('lists revisions by time, however precise', async () => {
    const archive = await archiveOf(at('2026-03-01T10:00:01Z', 'c'), at('2026-03-01T10:00:00.5Z', 'b'), at('2026-03-01T10:00:00Z', 'a'));
    const { revisions } = await archive.read();
    assert.deepEqual(
      revisions.map(({ note, lineNumber }) => [note, lineNumber]),
      [
        ['a', 3],
        ['b', 2],
        ['c', 1],
      ],
    );
    assert.ok(timeKey('2026-03-01T10:00:00.123456789Z') < timeKey('2026-03-01T10:00:00.2Z'));
  });

  test('reports damaged lines by number, and reads the others', async () => {
    const archive = await archiveOf(revision);
    await archive.log.append('{"varve":1,"time":');
    await archive.append(revision);
    await archive.log.append(encodeRevision(revision).replace('here', 'hare'));
    const { revisions, damaged } = await archive.read();
    assert.deepEqual(
      revisions.map(({ lineNumber }) => lineNumber),
      [1, 3],
    );
    assert.deepEqual(
      damaged.map(({ lineNumber }) => lineNumber),
      [2, 4],
    );
  });

  test('can be tagged, pinned and annotated afterwards, and keeps everything else', async () => {
    const archive = await archiveOf({ ...revision, more: { colour: 'red' } }, at('2026-04-01T00:00:00Z', 'other'));
    await archive.log.append('damaged');
    const [first] = (await archive.read()).revisions;
    assert.ok(first);
    await archive.annotate(first, { note: 'good', tags: ['v1'], pinned: true });
    const { revisions, damaged } = await archive.read();
    assert.equal(revisions[0]?.note, 'good');
    assert.deepEqual(revisions[0]?.tags, ['v1']);
    assert.equal(revisions[0]?.pinned, true);
    assert.deepEqual(revisions[0]?.more, { colour: 'red' });
    assert.equal(revisions[1]?.note, 'other');
    assert.equal(damaged.length, 1);
  });

  test('loses a note, a tag or a pin when it is taken away', async () => {
    const archive = await archiveOf({ ...revision, note: 'bad', tags: ['v1'], pinned: true });
    const [first] = (await archive.read()).revisions;
    assert.ok(first);
    await archive.annotate(first, { note: '', tags: [], pinned: false });
    assert.equal((await archive.log.lines())[0], encodeRevision(revision));
  });

  test('says that a revision is gone rather than annotate another', async () => {
    const archive = await archiveOf(revision);
    const [first] = (await archive.read()).revisions;
    assert.ok(first);
    await archive.drop([first]);
    await assert.rejects(archive.annotate(first, { note: 'late' }), RevisionGoneError);
  });

  test('refuses a tag that could not be told from a time or a path', () => {
    for (const tag of ['', '~1', 'a b', 'a@b', 'a:b', 'a/b', '[a']) assert.throws(() => checkTag(tag), UsageError);
    for (const tag of ['v1.0', 'before-move', 'größer', '2026']) checkTag(tag);
  });
});
