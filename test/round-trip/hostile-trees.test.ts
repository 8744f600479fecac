import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CborWriter } from '../../src/base/cbor-writer.ts';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import type { BlockRef, Ref } from '../../src/block/types.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { writeNodeHead } from '../../src/tree/directory-node.ts';
import { encodeEntry } from '../../src/tree/entry-encoder.ts';
import { restore } from '../../src/tree/restore/restore.ts';
import type { Entry, RestoreOptions, RestoreReport } from '../../src/tree/types.ts';
import { emptyDirectory } from '../support/remove-tree.ts';
import { type Layout, special, storeTree } from '../support/stored-tree.ts';
import { shownErrors } from './workbench.ts';

const rounds = Number(process.env.VARVE_ROUND_TRIP_RACES ?? 3);
const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
const base = { name: '' as ByteName, mode: 0o755, owner, mtime: { seconds: 1, nanoseconds: 0 } };
const content = Buffer.from('harmless content, longer than a literal would be: '.repeat(4));

/** A store, a folder to restore into, and beside it what must never be touched. */
class Siege {
  readonly store = new MemoryStore();
  readonly target: string;
  readonly outside: string;
  readonly #before: string;

  constructor(context: TestContext) {
    const folder = fs.mkdtempSync(join(tmpdir(), 'varve-test-'));
    context.after(() => {
      emptyDirectory(folder);
      fs.rmdirSync(folder);
    });
    this.target = join(folder, 'target');
    this.outside = join(folder, 'outside');
    fs.mkdirSync(this.target);
    fs.mkdirSync(join(this.outside, 'folder'), { recursive: true });
    for (const name of ['a', 'canary', 'folder/canary']) fs.writeFileSync(join(this.outside, name), 'canary');
    this.#before = this.#lookOutside();
  }

  async file(bytes: Uint8Array = content): Promise<Entry> {
    return { ...base, kind: 'file', mode: 0o644, content: { kind: 'block', size: bytes.length, digest: await this.store.add(bytes) } };
  }

  /** A directory of one leaf as nobody honest would write it: names as given, in the order given. */
  async directory(entries: readonly (readonly [name: string, entry: Entry])[]): Promise<Entry> {
    const node = new CborWriter();
    writeNodeHead(node, 0, 3, undefined);
    node.array(entries.length === 0 ? 0 : 1);
    if (entries.length > 0) {
      node.array(2);
      node.uint(owner.uid);
      node.uint(owner.gid);
    }
    node.array(0);
    node.array(2 * entries.length);
    for (const [name, entry] of entries) {
      node.byteName(name as ByteName);
      node.raw(encodeEntry(entry));
    }
    const block = node.copy();
    const top: BlockRef = { kind: 'block', size: block.length, digest: await this.store.add(block) };
    return { ...base, kind: 'directory', content: top, summary: { files: entries.length, bytes: 0 } };
  }

  async restore(root: Entry, options: RestoreOptions = {}): Promise<RestoreReport> {
    const report = await restore({ store: this.store, root, target: nameFromText(this.target), options });
    this.assertUntouched();
    return report;
  }

  assertUntouched(): void {
    assert.equal(this.#lookOutside(), this.#before, 'nothing outside the target was touched');
  }

  /** Everything that is outside, with what changes whenever something of it does. */
  #lookOutside(): string {
    const paths = ['', ...(fs.readdirSync(this.outside, { recursive: true }) as string[])];
    return paths
      .map((path) => {
        const { ino, mode, uid, size, mtimeNs, ctimeNs } = fs.lstatSync(join(this.outside, path), { bigint: true });
        return `${path} ${ino} ${mode} ${uid} ${size} ${mtimeNs} ${ctimeNs}`;
      })
      .sort()
      .join('\n');
  }
}

if (process.platform === 'linux') {
  for (const name of ['..', '.', '', 'a/b', '/etc', '../outside/a', 'a\0b', 'folder/']) {
    test(`a tree with the name ${JSON.stringify(name)} is refused`, async (context) => {
      const siege = new Siege(context);
      const inner = await siege.directory([[name, await siege.file()]]);
      const report = await siege.restore(await siege.directory([['inner', inner]]), { delete: true });
      assert.deepEqual(shownErrors(report), ['inner: FORMAT']);
      assert.deepEqual(fs.readdirSync(join(siege.target, 'inner')), []);
    });
  }

  test('names that come twice or out of order are refused', async (context) => {
    const siege = new Siege(context);
    const link: Entry = { ...base, kind: 'symlink', target: siege.outside as ByteName };
    const inside = await siege.directory([['canary', await siege.file()]]);
    for (const names of [
      ['x', 'x'],
      ['y', 'x'],
    ]) {
      const root = await siege.directory([
        [names[0] as string, link],
        [names[1] as string, inside],
      ]);
      const report = await siege.restore(root, { delete: true });
      assert.deepEqual(shownErrors(report), ['.: FORMAT']);
    }
  });

  test('a name that is longer than the platform takes is listed, and the rest is restored', async (context) => {
    const siege = new Siege(context);
    const root = await siege.directory([
      ['a', await siege.file()],
      ['b'.repeat(256), await siege.file()],
    ]);
    assert.deepEqual(shownErrors(await siege.restore(root)), [`${'b'.repeat(256)}: ENAMETOOLONG`]);
    assert.deepEqual(fs.readdirSync(siege.target), ['a']);
  });

  const lies: Record<string, (ref: BlockRef) => Ref> = {
    'shorter than its block': (ref) => ({ ...ref, size: ref.size - 1 }),
    'longer than its block': (ref) => ({ ...ref, size: ref.size + 1 }),
    'a slice beyond its block': (ref) => ({ kind: 'slice', of: { ...ref, size: 10_000 }, offset: 9000, size: 100 }),
    'an indirect block that is none': (ref) => ({ kind: 'tree', digest: ref.digest, size: 1000, depth: 1 }),
    'a run that no disk holds': () => ({ kind: 'run', byte: 1, size: 2 ** 52, hole: false }),
  };
  for (const [what, lie] of Object.entries(lies)) {
    test(`content that is ${what} is refused, and what stands there stays`, async (context) => {
      const siege = new Siege(context);
      fs.writeFileSync(join(siege.target, 'file'), 'old');
      const honest = await siege.file();
      const root = await siege.directory([
        ['file', { ...honest, content: lie(honest.content as BlockRef) }],
        ['good', honest],
        ['new', { ...honest, content: lie(honest.content as BlockRef) }],
      ]);
      const report = await siege.restore(root);
      assert.deepEqual(report.errors.map(({ path }) => path).sort(), ['file', 'new']);
      assert.deepEqual(fs.readdirSync(siege.target), ['file', 'good']);
      assert.equal(fs.readFileSync(join(siege.target, 'file'), 'utf8'), 'old');
    });
  }

  test('a directory whose block is something else is listed, and the rest is restored', async (context) => {
    const siege = new Siege(context);
    const file = await siege.file();
    const root = await siege.directory([
      ['a', { ...base, kind: 'directory', content: file.content as BlockRef, summary: { files: 1, bytes: 1 } }],
      ['b', file],
    ]);
    assert.deepEqual(shownErrors(await siege.restore(root, { delete: true })), ['a: FORMAT']);
    assert.equal(fs.readFileSync(join(siege.target, 'b'), 'utf8'), content.toString());
  });

  test('metadata that no platform takes is listed', async (context) => {
    const siege = new Siege(context);
    const file = await siege.file();
    const root = await siege.directory([
      ['device', { ...base, kind: 'character', device: { major: 2 ** 40, minor: 1 } }],
      ['link', { ...base, kind: 'symlink', target: 'x'.repeat(5000) as ByteName }],
      ['name', { ...file, xattrs: [{ name: 'no.such.namespace' as ByteName, value: Buffer.of(1) }] }],
      ['time', { ...file, mtime: { seconds: Number.MAX_SAFE_INTEGER, nanoseconds: 0 } }],
    ]);
    const { errors } = await siege.restore(root);
    assert.ok(['device', 'link', 'name'].every((path) => errors.some((error) => error.path === path)));
  });

  test('entries of two kinds that claim to be one file are not linked', async (context) => {
    const siege = new Siege(context);
    const identity = Buffer.alloc(16, 7);
    const root = await siege.directory([
      ['a', { ...base, kind: 'symlink', target: '../outside/canary' as ByteName, identity }],
      ['b', { ...(await siege.file()), identity }],
    ]);
    await siege.restore(root);
    assert.ok(fs.lstatSync(join(siege.target, 'b')).isFile());
  });

  test('a tree of thousands of levels is restored, and removed', async (context) => {
    const siege = new Siege(context);
    let root = await siege.directory([['bottom', await siege.file()]]);
    for (let level = 0; level < 3000; level++) root = await siege.directory([['deeper', root]]);
    assert.deepEqual(shownErrors(await siege.restore(root)), []);
    const report = await siege.restore(await siege.directory([]), { delete: true });
    assert.deepEqual(shownErrors(report), []);
    assert.deepEqual(fs.readdirSync(siege.target), []);
    assert.equal(report.deleted, 3001);
  });

  test('links that wait in the target lead nowhere', async (context) => {
    const siege = new Siege(context);
    for (const name of ['folder', 'file', 'gone', 'a']) fs.symlinkSync(siege.outside, join(siege.target, name));
    fs.symlinkSync(join(siege.outside, 'canary'), join(siege.target, 'to-file'));
    fs.linkSync(join(siege.target, 'to-file'), join(siege.target, 'to-file-too'));
    const layout: Layout = {
      a: { canary: 'x', folder: { canary: 'x' } },
      file: 'file',
      folder: { canary: 'x' },
      'to-file': 'x'.repeat(6),
      'to-file-too': special({ kind: 'symlink', target: '../outside/canary' as ByteName, mode: 0o777, owner: { uid: 1, gid: 1 } }),
    };
    const { root } = await storeTree(siege.store, layout);
    assert.deepEqual(shownErrors(await siege.restore(root, { delete: true })), []);
    assert.deepEqual(fs.readdirSync(siege.target).sort(), Object.keys(layout).sort());
    assert.equal(fs.readFileSync(join(siege.target, 'folder/canary'), 'utf8'), 'x');
  });

  test('a link in the tree and what another tree puts behind its name stay in the target', async (context) => {
    const siege = new Siege(context);
    const { root: first } = await storeTree(siege.store, {
      x: special({ kind: 'symlink', target: siege.outside as ByteName, mode: 0o777 }),
    });
    const { root: second } = await storeTree(siege.store, { x: { canary: 'y', folder: { canary: 'y' } } });
    await siege.restore(first);
    await siege.restore(second);
    assert.equal(fs.readFileSync(join(siege.target, 'x/folder/canary'), 'utf8'), 'y');
    await siege.restore(first, { delete: true });
    assert.ok(fs.lstatSync(join(siege.target, 'x')).isSymbolicLink());
  });

  test('a process that swaps folders for links to elsewhere leads neither restore nor --delete astray', async (context) => {
    const siege = new Siege(context);
    const inside: Layout = { canary: 'x', a: 'y', folder: { canary: 'z', deep: { er: content } } };
    const names = ['one', 'two', 'three'];
    const { root: full } = await storeTree(siege.store, Object.fromEntries(names.map((name) => [name, inside])));
    const { root: part } = await storeTree(siege.store, Object.fromEntries(names.map((name) => [name, {}])));
    const { root: empty } = await storeTree(siege.store, {});
    const script = fileURLToPath(new URL('./racer.ts', import.meta.url));
    const racer = spawn(process.execPath, [script, siege.target, siege.outside, ...names], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => racer.once('exit', resolve));
    try {
      await new Promise((resolve) => racer.stdout.once('data', resolve));
      for (let round = 0; round < rounds * 20; round++) {
        await siege.restore(full);
        await siege.restore(full, { checksum: true, delete: true });
        await siege.restore(part, { delete: true });
        await siege.restore(empty, { delete: true });
      }
    } finally {
      racer.kill('SIGKILL');
      await ended;
    }
    siege.assertUntouched();
  });
}
