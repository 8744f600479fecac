import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { SystemError } from '../base/errors.ts';
import { nameFromText, nameToBytes } from '../base/names.ts';
import { digestFromText } from '../hash/digest.ts';
import { MemoryStore } from '../store/memory.ts';
import { diffTrees } from './diff/diff.ts';
import type { DiffOptions } from './diff/types.ts';
import { LiveTree, type LiveTreeOptions } from './live-tree.ts';
import { decodeRoot } from './root-block.ts';
import { save } from './save/save.ts';
import { StoredTree } from './view.ts';
import { walk } from './walk.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-live-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
let count = 0;

/** A folder with something of every common kind. */
function makeFolder(): string {
  const folder = path.join(scratch, `folder${count++}`);
  fs.mkdirSync(path.join(folder, 'dir/below'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'file'), 'content');
  fs.writeFileSync(path.join(folder, 'dir/below/large'), Buffer.alloc(300_000, 'large '));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/dir/odd`), Buffer.of(0xff)]), 'odd');
  fs.symlinkSync('../nowhere', path.join(folder, 'dir/link'));
  return folder;
}

async function savedTree(folder: string): Promise<StoredTree> {
  const store = new MemoryStore();
  const { tree } = await save({ store, archive: 'test', source: nameFromText(folder), options: { threads: 0 } });
  return new StoredTree(store, decodeRoot(await store.get(digestFromText(tree))));
}

async function diff(stored: StoredTree, folder: string, options?: DiffOptions, live?: LiveTreeOptions): Promise<string[]> {
  using view = new LiveTree(nameFromText(folder), live);
  return (await diffTrees(stored, view, options)).map(({ kind, path: at }) => `${kind} ${at}`);
}

describe('a live tree', () => {
  test('equals what was saved of it', async () => {
    const folder = makeFolder();
    const stored = await savedTree(folder);
    assert.deepEqual(await diff(stored, folder), []);
    assert.deepEqual(await diff(stored, folder, { checksum: true }), []);
  });

  test('shows what has changed since', async () => {
    const folder = makeFolder();
    const stored = await savedTree(folder);
    fs.writeFileSync(path.join(folder, 'file'), 'CONTENT');
    fs.chmodSync(path.join(folder, 'dir/below'), 0o700);
    fs.rmSync(path.join(folder, 'dir/link'));
    fs.writeFileSync(path.join(folder, 'dir/new'), '');
    assert.deepEqual(await diff(stored, folder), ['attributes dir/below', 'deleted dir/link', 'created dir/new', 'modified file']);
  });

  test('shows bytes that changed behind an equal time, when asked to compare them', async () => {
    const folder = makeFolder();
    const file = path.join(folder, 'file');
    const stored = await savedTree(folder);
    const { atimeMs, mtimeMs } = fs.statSync(file);
    fs.writeFileSync(file, 'c0ntent');
    fs.utimesSync(file, atimeMs / 1000, mtimeMs / 1000);
    assert.deepEqual(await diff(stored, folder, { checksum: true }), ['modified file']);
  });

  test('shows the second name of moved content as created: it has not been read', async () => {
    const folder = makeFolder();
    const stored = await savedTree(folder);
    fs.renameSync(path.join(folder, 'dir/below/large'), path.join(folder, 'large'));
    assert.deepEqual(await diff(stored, folder), ['deleted dir/below/large', 'created large']);
  });

  test('leaves out what a save leaves out', async () => {
    const folder = makeFolder();
    fs.writeFileSync(path.join(folder, 'dir/.varveignore'), 'l*\n');
    fs.mkdirSync(path.join(folder, 'cache'));
    fs.writeFileSync(path.join(folder, 'cache/CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
    fs.writeFileSync(path.join(folder, 'cache/made'), 'again');
    assert.deepEqual(await diff(await savedTree(folder), folder), []);
    using view = new LiveTree(nameFromText(folder), { excludes: ['/file'] });
    const paths = (await Array.fromAsync(walk(view))).flat().map((item) => Buffer.from(nameToBytes(item.path)).toString());
    assert.deepEqual(
      paths.filter((at) => /file|large|link|made/.test(at)),
      [],
    );
  });

  test('may be a single file', async () => {
    const file = path.join(makeFolder(), 'file');
    const stored = await savedTree(file);
    assert.deepEqual(await diff(stored, file), []);
    fs.appendFileSync(file, 'more');
    assert.deepEqual(await diff(stored, file), ['modified ']);
  });

  test('gives any range of the bytes of a file', async () => {
    using view = new LiveTree(nameFromText(makeFolder()));
    const items = (await Array.fromAsync(walk(view))).flat();
    const large = items.find((item) => item.path.endsWith('large'));
    assert.ok(large);
    const bytes = Buffer.concat(await Array.fromAsync(view.read(large.entry, large.path, { offset: 299_994, length: 100 })));
    assert.equal(bytes.toString(), 'large ');
  });

  test('that is not there is an error', () => {
    assert.throws(() => new LiveTree(nameFromText(path.join(scratch, 'none'))), SystemError);
  });
});
