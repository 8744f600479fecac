import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { storeTree } from '../../../test/support/stored-tree.ts';
import { nameFromText } from '../../base/names.ts';
import { MemoryStore } from '../../store/memory.ts';
import { findEntry } from '../resolve-reference.ts';
import { StoredTree } from '../view.ts';
import { diffText, type TextSide, unifiedLines } from './text-diff.ts';

async function side(content: string | Uint8Array): Promise<TextSide> {
  const store = new MemoryStore();
  const view = new StoredTree(store, (await storeTree(store, { file: content })).root);
  const name = nameFromText('file');
  return { view, path: name, entry: await findEntry(view.directories, view.root, [name]) };
}

async function unified(before: string | undefined, after: string | undefined): Promise<string> {
  const a = before === undefined ? undefined : await side(before);
  const b = after === undefined ? undefined : await side(after);
  const difference = await diffText(a, b);
  assert.equal(difference.kind, 'text');
  return difference.kind === 'text' ? [...unifiedLines(a, b, difference.hunks)].map((line) => `${line}\n`).join('') : '';
}

describe('a text difference', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-text-diff-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('is a unified diff', async () => {
    assert.equal(await unified('a\nb\nc\n', 'a\nB\nc\n'), '--- a/file\n+++ b/file\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n');
  });

  test('names the missing side of a created or deleted file', async () => {
    assert.equal(await unified(undefined, 'a\n'), '--- /dev/null\n+++ b/file\n@@ -0,0 +1 @@\n+a\n');
    assert.equal(await unified('a\n', undefined), '--- a/file\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
  });

  test('leads from one text to the other when patch applies it', async () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 40 }).map((list) => list.join('\n'));
    await fc.assert(
      fc.asyncProperty(lines, lines, async (before, after) => {
        fc.pre(before !== after);
        const file = path.join(folder, 'file');
        fs.writeFileSync(file, before);
        execFileSync('git', ['apply', '--unidiff-zero', '-'], {
          cwd: folder,
          input: await unified(before, after),
          stdio: ['pipe', 'ignore', 'pipe'],
        });
        assert.equal(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', after);
      }),
      { numRuns: 30 },
    );
  });

  test('is none between binary files, and none where too much differs', async () => {
    assert.deepEqual(await diffText(await side('text'), await side(Buffer.of(1, 0, 2))), { kind: 'binary' });
    const lines = (prefix: string) => Array.from({ length: 3000 }, (_, i) => `${prefix}${i}\n`).join('');
    assert.deepEqual(await diffText(await side(lines('a')), await side(lines('b'))), { kind: 'too-different' });
    assert.deepEqual(await diffText(undefined, await side(Buffer.alloc((8 << 20) + 1, 'x'))), { kind: 'too-different' });
  });
});
