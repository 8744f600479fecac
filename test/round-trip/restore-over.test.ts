import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import { DirectoryReader } from '../../src/tree/directory-reader.ts';
import { restore } from '../../src/tree/restore/restore.ts';
import type { RestoreChange, RestoreOptions } from '../../src/tree/types.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { encodeAcl } from '../support/nasty/acl.ts';
import { makeNastyTree } from '../support/nasty-tree.ts';
import { skipUnless } from '../support/scratch.ts';
import { shownErrors, Workbench } from './workbench.ts';

const runs = Number(process.env.VARVE_ROUND_TRIP_RUNS ?? 15);
const isRoot = process.getuid?.() === 0;

/** A small tree that was saved, and an equal one in `target`. */
async function restored(context: TestContext): Promise<{ bench: Workbench; tree: string; target: string }> {
  const bench = new Workbench(context);
  bench.fill({ file: 'content', 'folder/inside': 'x'.repeat(100_000), 'folder/deep/er': 'deeper', 'linked-1': 'linked', 'empty/': '' });
  fs.linkSync(join(bench.source, 'linked-1'), join(bench.source, 'folder/linked-2'));
  fs.symlinkSync('file', join(bench.source, 'link'));
  if (process.platform === 'linux') execFileSync('mkfifo', [join(bench.source, 'fifo')]);
  const { saved, target } = await bench.roundTrip();
  return { bench, tree: saved.tree, target };
}

/** Restores over the target and says what was changed, in order of paths. */
async function over(bench: Workbench, tree: string, target: string, options: RestoreOptions = {}): Promise<string[]> {
  const changes: string[] = [];
  const onChange = ({ action, kind, path }: RestoreChange) => changes.push(`${path}: ${action} ${kind}`);
  const report = await bench.restore(tree, target, { onChange, ...options });
  assert.deepEqual(shownErrors(report), []);
  return changes.sort();
}

/** What changes whenever anything of a file or its place does. */
function fingerprints(folder: string, path = '.'): Record<string, string> {
  const at = join(folder, path);
  const { ino, mtimeNs, ctimeNs } = fs.lstatSync(at, { bigint: true });
  const inside = fs.lstatSync(at).isDirectory() ? fs.readdirSync(at).map((name) => fingerprints(folder, join(path, name))) : [];
  return Object.assign({ [path]: `${ino} ${mtimeNs} ${ctimeNs}` }, ...inside);
}

if (process.platform === 'linux') {
  for (const checksum of [false, true]) {
    test(`where nothing differs nothing is touched, ${checksum ? 'with content compared' : 'by size and time'}`, async (context) => {
      const { bench, tree, target } = await restored(context);
      const before = fingerprints(target);
      assert.deepEqual(await over(bench, tree, target, { checksum, delete: true }), []);
      assert.deepEqual(fingerprints(target), before);
    });
  }

  const differences: Record<string, { change: (target: string) => void; expected: string[]; options?: RestoreOptions }> = {
    'a file of other content': { change: (t) => fs.writeFileSync(join(t, 'file'), 'changed'), expected: ['file: update file'] },
    'a file whose time alone differs': { change: (t) => fs.utimesSync(join(t, 'file'), 1, 1), expected: ['file: metadata file'] },
    'a file of another mode': { change: (t) => fs.chmodSync(join(t, 'file'), 0o600), expected: ['file: metadata file'] },
    'a folder of another mode': { change: (t) => fs.chmodSync(join(t, 'folder'), 0o711), expected: ['folder: metadata directory'] },
    'the target’s own mode': { change: (t) => fs.chmodSync(t, 0o711), expected: ['.: metadata directory'] },
    'a missing file': { change: (t) => remove(t, 'folder/inside'), expected: ['folder/inside: create file', 'folder: metadata directory'] },
    'a missing folder': {
      change: (t) => remove(t, 'folder/deep'),
      expected: ['folder/deep/er: create file', 'folder/deep: create directory', 'folder: metadata directory'],
    },
    'a link to elsewhere': {
      change: (t) => replace(t, 'link', (path) => fs.symlinkSync('other', path)),
      expected: ['.: metadata directory', 'link: update symlink'],
    },
    'a hard link that became a copy': {
      change: (t) => replace(t, 'folder/linked-2', (path) => fs.copyFileSync(join(t, 'linked-1'), path)),
      expected: ['folder/linked-2: update file', 'folder: metadata directory'],
    },
    'two files that became links of one': {
      change: (t) => replace(t, 'folder/deep/er', (path) => fs.linkSync(join(t, 'file'), path)),
      expected: ['file: update file', 'folder/deep/er: update file', 'folder/deep: metadata directory'],
    },
    'a file where a folder was': {
      change: (t) => replace(t, 'folder', (path) => fs.writeFileSync(path, '')),
      expected: [
        '.: metadata directory',
        'folder/deep/er: create file',
        'folder/deep: create directory',
        'folder/inside: create file',
        'folder/linked-2: create file',
        'folder: create directory',
      ],
    },
    'a link to a folder where that folder was': {
      change: (t) => {
        fs.renameSync(join(t, 'empty'), join(t, 'moved'));
        fs.symlinkSync('moved', join(t, 'empty'));
      },
      expected: ['.: metadata directory', 'empty: create directory'],
    },
    'a folder where a file was': {
      change: (t) => replace(t, 'file', (path) => fs.mkdirSync(join(path, 'with', 'content'), { recursive: true })),
      options: { delete: true },
      expected: ['.: metadata directory', 'file: create file', 'file: delete directory'],
    },
    'a folder where a link was': {
      change: (t) => replace(t, 'link', (path) => fs.mkdirSync(path)),
      options: { delete: true },
      expected: ['.: metadata directory', 'link: create symlink', 'link: delete directory'],
    },
    'what the tree does not have': {
      change: (t) => {
        fs.writeFileSync(join(t, 'empty/extra'), '');
        fs.mkdirSync(join(t, 'more/and/more'), { recursive: true });
        fs.symlinkSync('/', join(t, 'more/root'));
      },
      options: { delete: true },
      expected: ['.: metadata directory', 'empty/extra: delete file', 'empty: metadata directory', 'more: delete directory'],
    },
  };
  for (const [what, { change, expected, options }] of Object.entries(differences)) {
    test(`${what} is put right, nothing else is touched, and a dry run tells it beforehand`, async (context) => {
      const { bench, tree, target } = await restored(context);
      change(target);
      const before = fingerprints(target);
      assert.deepEqual(await over(bench, tree, target, { ...options, dryRun: true }), expected, 'what a dry run tells');
      assert.deepEqual(fingerprints(target), before, 'a dry run changes nothing');
      assert.deepEqual(await over(bench, tree, target, options), expected, 'what is done');
      const left = compareTrees(bench.source, target).filter(({ path }) => path !== 'moved');
      assert.deepEqual(
        left.filter(({ path, aspect }) => path !== '.' || aspect !== 'mtime'),
        [],
      );
      const paths = expected.map((line) => line.slice(0, line.indexOf(': ')));
      const changed = new Set(paths.flatMap((path) => [path, dirname(path)]));
      const after = fingerprints(target);
      for (const [path, print] of Object.entries(before)) {
        // The other links of a file that was linked or unlinked show it in their change time.
        if (!changed.has(path) && path in after && !/linked|moved/.test(path))
          assert.equal(after[path], print, `${path} was not to be touched`);
      }
    });
  }

  test('a dry run into a new place tells everything, counts as the real one, and makes nothing', async (context) => {
    const bench = new Workbench(context);
    makeNastyTree(bench.source, { scale: 0.001, beyondPathMax: false });
    const { tree } = await bench.save();
    const target = bench.target();
    const told = await over(bench, tree, target, { dryRun: true });
    assert.equal(fs.existsSync(target), false);
    const [dry, real] = [await bench.restore(tree, target, { dryRun: true }), await bench.restore(tree, target)];
    assert.deepEqual({ ...dry, elapsedMs: 0 }, { ...real, elapsedMs: 0 });
    fs.renameSync(target, `${target}-other`);
    assert.deepEqual(await over(bench, tree, target), told);
  });

  test('metadata of a file with a name outside the target is not changed there', async (context) => {
    const { bench, tree, target } = await restored(context);
    const outside = join(bench.folder, 'outside');
    fs.linkSync(join(target, 'file'), outside);
    fs.chmodSync(outside, 0o606);
    assert.deepEqual(await over(bench, tree, target), ['file: update file']);
    assert.equal(fs.statSync(outside).mode & 0o777, 0o606);
    assert.equal(fs.readFileSync(outside, 'utf8'), 'content');
    assert.deepEqual(compareTrees(bench.source, target, { ignore: ['mtime'] }), []);
  });

  test('a directory in the way of a file stays without --delete, and is reported', async (context) => {
    const { bench, tree, target } = await restored(context);
    replace(target, 'file', (path) => fs.mkdirSync(path));
    const report = await bench.restore(tree, target);
    assert.deepEqual(shownErrors(report), ['file: EISDIR']);
    assert.ok(fs.statSync(join(target, 'file')).isDirectory());
  });

  test('a directory is not restored in place of a file or a dangling link that the user named', async (context) => {
    const { bench, tree } = await restored(context);
    const file = join(bench.folder, 'precious');
    fs.writeFileSync(file, 'precious');
    const link = join(bench.folder, 'dangling');
    fs.symlinkSync('nowhere', link);
    for (const dryRun of [true, false]) {
      for (const target of [file, `${file}/`, link])
        await assert.rejects(bench.restore(tree, target, { dryRun }), { code: /USAGE|ENOTDIR|ENOENT/ });
    }
    assert.equal(fs.readFileSync(file, 'utf8'), 'precious');
    assert.equal(fs.readlinkSync(link), 'nowhere');
  });

  test('missing parents of the target are made with the mode that the user’s mask leaves', async (context) => {
    const { bench, tree } = await restored(context);
    const target = join(bench.folder, 'new/parents/target');
    await over(bench, tree, target);
    const modes = [join(target, '../..'), join(target, '..')].map((path) => fs.statSync(path).mode & 0o777);
    assert.deepEqual(modes, [0o777 & ~process.umask(), 0o777 & ~process.umask()]);
    assert.deepEqual(compareTrees(bench.source, target), []);
  });

  test('what is made below a directory with a default access control list does not inherit it', async (context) => {
    const { bench, tree } = await restored(context);
    const list = { owner: 7, users: [[1234, 7]], group: 5, groups: [], mask: 7, other: 0 } as const;
    const parent = join(bench.folder, 'with-list');
    fs.mkdirSync(parent);
    fs.mkdirSync(join(parent, 'existing'));
    for (const path of [parent, join(parent, 'existing')]) {
      using directory = system().openDirectory(nameFromText(path));
      directory.setXattr(nameFromText('.'), nameFromText('system.posix_acl_default'), encodeAcl(list));
    }
    for (const target of [join(parent, 'new'), join(parent, 'existing')]) {
      await over(bench, tree, target);
      assert.deepEqual(compareTrees(bench.source, target), []);
    }
  });

  for (const threads of [0, 1, 3]) {
    test(`files in many pieces, links and folders come to stand side by side, with ${threads} threads`, async (context) => {
      const bench = new Workbench(context);
      for (let i = 0; i < 150; i++) {
        const folder = join(bench.source, `folder-${i % 3}`);
        fs.mkdirSync(join(folder, `in-${i}`), { recursive: true });
        fs.writeFileSync(join(folder, `pieces-${i}`), randomBytes(i % 10 === 0 ? 3_000_000 : 60_000));
        fs.writeFileSync(join(folder, `small-${i}`), `${i}`.repeat(100));
        fs.symlinkSync(`small-${i}`, join(folder, `symlink-${i}`));
        fs.linkSync(join(folder, `small-${i}`), join(folder, `in-${i}`, 'link'));
      }
      const { tree } = await bench.save({ threads });
      const target = bench.target();
      assert.deepEqual(shownErrors(await bench.restore(tree, target, { threads })), []);
      assert.deepEqual(compareTrees(bench.source, target), []);
    });
  }

  test('an interrupted restore is completed by the next, which removes what it left behind', async (context) => {
    const bench = new Workbench(context);
    bench.fill(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`folder-${i % 20}/file-${i}`, `${i}`.repeat(3000)])));
    const { tree } = await bench.save();
    const target = bench.target();
    const abort = new AbortController();
    let count = 0;
    const onChange = () => {
      count++;
      if (count === 100) abort.abort();
    };
    await assert.rejects(bench.restore(tree, target, { onChange, signal: abort.signal }), { name: 'AbortError' });
    fs.writeFileSync(join(target, '.varve-restore-1-0-abcdefgh.tmp'), 'left by a process that was killed');
    await over(bench, tree, target, { delete: true });
    assert.deepEqual(compareTrees(bench.source, target), []);
  });

  test('a part of a tree keeps the hard links that lie in it', async (context) => {
    const bench = new Workbench(context);
    bench.fill({ 'part/a': 'one file', 'part/c/': '', 'elsewhere/': '' });
    for (const link of ['part/b', 'part/c/d', 'elsewhere/e', '0']) fs.linkSync(join(bench.source, 'part/a'), join(bench.source, link));
    const { tree } = await bench.save();
    const { content } = await bench.root(tree);
    assert.ok(content?.kind === 'block');
    const part = await new DirectoryReader(bench.store).lookup(content, nameFromText('part'));
    assert.ok(part);
    const target = bench.target();
    await restore({ store: bench.store, root: part, target: nameFromText(target), options: { threads: 0 } });
    const inodes = ['a', 'b', 'c/d'].map((path) => fs.statSync(join(target, path)).ino);
    assert.equal(new Set(inodes).size, 1);
    assert.equal(fs.statSync(join(target, 'a')).nlink, 3);
  });

  test('restoring over any tree with --delete makes it equal', async (context) => {
    if (skipUnless(context, isRoot, 'only root can make every kind')) return;
    const bench = new Workbench(context);
    await fc.assert(
      fc.asyncProperty(anyTree(), anyTree(), fc.boolean(), async (first, second, checksum) => {
        const [a, b] = [bench.target(), bench.target()];
        makeTree(a, first);
        makeTree(b, second);
        const { tree } = await bench.save({ source: a });
        const told = await over(bench, tree, b, { delete: true, checksum, dryRun: true });
        assert.deepEqual(await over(bench, tree, b, { delete: true, checksum }), told);
        assert.deepEqual(compareTrees(a, b), []);
        assert.deepEqual(await over(bench, tree, b, { delete: true, checksum }), []);
      }),
      { numRuns: runs },
    );
  });
}

function remove(target: string, path: string): void {
  fs.rmSync(join(target, path), { recursive: true });
}

function replace(target: string, path: string, make: (path: string) => void): void {
  remove(target, path);
  make(join(target, path));
}

/** A few names, so that two trees often have the same with something else behind it. */
type Node =
  | { kind: 'file' | 'symlink' | 'fifo' | 'link'; content: number; mode: number }
  | { kind: 'folder'; mode: number; nodes: Record<string, Node> };

function anyTree(): fc.Arbitrary<Record<string, Node>> {
  const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o4755);
  const leaf = fc.record({
    kind: fc.constantFrom('file' as const, 'file' as const, 'symlink' as const, 'fifo' as const, 'link' as const),
    content: fc.nat(3),
    mode,
  });
  const { tree } = fc.letrec<{ tree: Record<string, Node>; node: Node }>((tie) => ({
    tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), tie('node'), { maxKeys: 5, noNullPrototype: true }),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constant('folder' as const), mode, nodes: tie('tree') }),
    ),
  }));
  return tree;
}

function makeTree(path: string, nodes: Record<string, Node>): void {
  const files: string[] = [];
  const make = (folder: string, inside: Record<string, Node>): void => {
    fs.mkdirSync(folder);
    for (const [name, node] of Object.entries(inside)) {
      const at = join(folder, name);
      const other = files[('content' in node ? node.content : 0) % Math.max(1, files.length)];
      if (node.kind === 'folder') make(at, node.nodes);
      else if (node.kind === 'symlink') fs.symlinkSync(`target-${node.content}`, at);
      else if (node.kind === 'fifo') execFileSync('mkfifo', [at]);
      else if (node.kind === 'link' && other !== undefined) fs.linkSync(other, at);
      else {
        fs.writeFileSync(at, `content ${node.content}`);
        // Few times, so that size and time agree as often as not; then so does content.
        fs.utimesSync(at, 1, node.content);
      }
      if (node.kind === 'file') files.push(at);
      if (node.kind !== 'symlink') fs.chmodSync(at, node.mode);
    }
  };
  make(path, nodes);
}
