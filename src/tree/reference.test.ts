import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { saveRevision, special } from '../../test/support/stored-tree.ts';
import { UsageError, VarveError } from '../base/errors.ts';
import { nameFromText } from '../base/names.ts';
import { digestToText } from '../hash/digest.ts';
import { MemoryStore } from '../store/memory.ts';
import { parseReference } from './reference.ts';
import { resolveReference } from './resolve-reference.ts';

const hex = 'ab'.repeat(32);

describe('the grammar of references', () => {
  const cases: [string, object][] = [
    ['docs', { target: { kind: 'archive', name: 'docs' }, path: [] }],
    ['docs@~2', { target: { kind: 'archive', name: 'docs', when: '~2' }, path: [] }],
    ['docs@yesterday 17:00', { target: { kind: 'archive', name: 'docs', when: 'yesterday 17:00' }, path: [] }],
    ['docs@2026-03-01T10:00:00:/a/b', { target: { kind: 'archive', name: 'docs', when: '2026-03-01T10:00:00' }, path: ['a', 'b'] }],
    ['docs:/', { target: { kind: 'archive', name: 'docs' }, path: [] }],
    ['docs:', { target: { kind: 'archive', name: 'docs' }, path: [] }],
    ['docs@v1:', { target: { kind: 'archive', name: 'docs', when: 'v1' }, path: [] }],
    ['docs:/a:', { target: { kind: 'archive', name: 'docs' }, path: ['a:'] }],
    ['docs:/a//./b/', { target: { kind: 'archive', name: 'docs' }, path: ['a', 'b'] }],
    ['docs:/größe', { target: { kind: 'archive', name: 'docs' }, path: [nameFromText('größe')] }],
    ['docs:/a\\xff', { target: { kind: 'archive', name: 'docs' }, path: ['a\xff'] }],
    ['me@laptop@v1', { target: { kind: 'archive', name: 'me@laptop', when: 'v1' }, path: [] }],
    ['[usb]docs@v1:/a', { store: 'usb', target: { kind: 'archive', name: 'docs', when: 'v1' }, path: ['a'] }],
    ['[s3://bucket/x]docs', { store: 's3://bucket/x', target: { kind: 'archive', name: 'docs' }, path: [] }],
    ['./a@b/backup.varve@~1:/c', { target: { kind: 'file', name: './a@b/backup.varve', when: '~1' }, path: ['c'] }],
    ['e:/c', { target: { kind: 'archive', name: 'e' }, path: ['c'] }],
    ['C:/mine/backup.varve:/c', { target: { kind: 'file', name: 'C:/mine/backup.varve' }, path: ['c'] }],
    [`blake3:${hex}:`, { target: { kind: 'tree', algorithm: 'blake3', hex }, path: [] }],
    [`blake3:${hex}:/a`, { target: { kind: 'tree', algorithm: 'blake3', hex }, path: ['a'] }],
    ['sha2-256:ABCDEF01', { target: { kind: 'tree', algorithm: 'sha2-256', hex: 'abcdef01' }, path: [] }],
  ];
  for (const [text, expected] of cases) {
    test(`reads ${text.slice(0, 40)}`, () => assert.deepEqual(parseReference(text), { text, ...expected }));
  }

  for (const [text, at] of [
    ['', 1],
    ['[usb', 5],
    ['[]docs', 2],
    ['[usb]', 6],
    ['docs@', 6],
    ['@v1', 1],
    [':/a', 1],
    [':', 1],
    ['docs:/a/../b', 9],
    ['blake3:abc', 11],
    [`blake3:${hex}0`, 72],
  ] as const) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))} at character ${at}`, () => {
      assert.throws(
        () => parseReference(text),
        (error: unknown) => error instanceof UsageError && error.message.includes(`at character ${at} of`),
      );
    });
  }

  test('never fails but with a usage error', () => {
    const piece = fc.oneof(
      fc.constantFrom('[', ']', '@', ':/', ':', '..', '/', '~', '.varve', 'blake3:', 'abcdef0123'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        try {
          parseReference(pieces.join(''));
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
        }
      }),
      { numRuns: Number(process.env.VARVE_FUZZ_RUNS ?? 2000) },
    );
  });
});

describe('a reference', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-reference-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const store = new MemoryStore();
  const trees = [
    await saveRevision(store, 'docs', '2026-02-01T09:00:00Z', { file: 'one' }, { tags: ['v1'] }),
    await saveRevision(store, 'docs', '2026-03-01T09:00:00Z', { file: 'two' }),
    await saveRevision(store, 'docs', '2026-03-02T09:00:00Z', {
      dir: { file: 'three' },
      link: special({ kind: 'symlink', target: nameFromText('dir') }),
    }),
  ].map(digestToText);
  const context = { openStore: async () => store, now: new Date('2026-03-02T12:00:00Z') };
  const treeOf = async (text: string) => trees.indexOf(digestToText((await resolveReference(text, context)).tree));

  for (const [text, index] of [
    ['docs', 2],
    ['docs@~0', 2],
    ['docs@~2', 0],
    ['docs@v1', 0],
    ['docs@2026-03-01', 1],
    ['docs@2026-03', 2],
    ['docs@2026-03-01T09:00:00Z', 1],
    ['docs@2026-03-01T08:59Z', 0],
    ['docs@2026-03-01T10:00:00+01:00', 1],
    ['docs@2026-03-01T09:59:59.999999999+01:00', 0],
    ['docs@yesterday', 1],
    ['docs@3 days ago', 0],
    [trees[1] as string, 1],
    [(trees[0] as string).slice(0, 16), 0],
  ] as const) {
    test(`${text.slice(0, 50)} is revision ${index}`, async () => assert.equal(await treeOf(text), index));
  }

  test('leads to a path inside the tree', async () => {
    const { entry, path: names } = await resolveReference('docs:/dir/file', context);
    assert.equal(entry.kind === 'file' && entry.content?.size, 5);
    assert.deepEqual(names, ['dir', 'file']);
  });

  test('may name an archive that is a file', async () => {
    const file = path.join(folder, 'mine.varve');
    fs.writeFileSync(file, (await store.archive('docs').lines()).map((line) => `${line}\n`).join(''));
    const found = await resolveReference(`${file}@~1:/file`, context);
    assert.equal(digestToText(found.tree), trees[1]);
    assert.equal(found.archive?.name, 'mine');
  });

  test('that goes on below a file says that it is one', async () => {
    await assert.rejects(resolveReference('docs:/dir/file/more', context), /\/dir\/file is a file, not a folder/);
  });

  for (const [text, message] of [
    ['dcos', /Did you mean docs/],
    ['docs:/dri', /Did you mean dir/],
    ['docs:/dir/file/more', /varve cat REF:\/dir\/file$/],
    ['docs:/link/file', /Symbolic links are not followed/],
    ['docs@~3', /oldest is ~2/],
    ['docs@1999', /oldest is of 2026-02-01/],
    ['docs@v2', /Did you mean @v1/],
    ['docs@2026-13', /Behind @ stands/],
    ['none.varve', /ends in .varve/],
    ['blake3:00000000', /varve log/],
  ] as const) {
    test(`${text} fails with advice`, async () => {
      await assert.rejects(
        resolveReference(text, context),
        (error: unknown) => error instanceof VarveError && message.test(error.advice ?? ''),
      );
    });
  }
});
