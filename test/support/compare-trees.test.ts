import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import { compareTrees, type Difference, rsyncDifferences } from './compare-trees.ts';
import { makeNastyTree } from './nasty-tree.ts';
import { emptyDirectory } from './remove-tree.ts';
import { scratchFolder, skipUnless } from './scratch.ts';

const MEBIBYTE = 2 ** 20;
const scale = Number(process.env.VARVE_NASTY_SCALE ?? 0.01);
const isLinux = process.platform === 'linux';

/** A small tree in `a` and an equal one in `b`. */
function twins(context: TestContext): { a: string; b: string } {
  const folder = scratchFolder(context);
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  fs.mkdirSync(join(a, 'folder'), { recursive: true });
  fs.writeFileSync(join(a, 'file'), 'content');
  fs.linkSync(join(a, 'file'), join(a, 'folder/linked'));
  fs.writeFileSync(join(a, 'single'), 'alone');
  fs.writeFileSync(join(a, 'folder/inside'), Buffer.alloc(3 * MEBIBYTE, 'abc'));
  fs.symlinkSync('file', join(a, 'link'));
  execFileSync('cp', ['-a', a, b]);
  return { a, b };
}

function shown(differences: Difference[]): string[] {
  return differences.map(({ path, aspect }) => `${path}: ${aspect}`);
}

/** Makes a change and puts the modification time back, so that only the change itself can be found. */
function keepingTime(path: string, change: () => void): void {
  const { mtimeNs } = fs.statSync(path, { bigint: true });
  change();
  setTime(path, mtimeNs);
}

function setTime(path: string, mtimeNs: bigint): void {
  using parent = system().openDirectory(nameFromText(dirname(path)));
  const time = { seconds: Number(mtimeNs / 1_000_000_000n), nanoseconds: Number(mtimeNs % 1_000_000_000n) };
  parent.setTimes(nameFromText(basename(path)), time);
}

if (isLinux) {
  test('equal trees have no differences', (context) => {
    const { a, b } = twins(context);
    assert.deepEqual(compareTrees(a, b), []);
  });

  const changes: Record<string, { change: (b: string) => void; expected: string[] }> = {
    'a missing file': { change: (b) => keepingTime(b, () => fs.rmSync(join(b, 'single'))), expected: ['single: name'] },
    'an extra file': { change: (b) => keepingTime(b, () => fs.writeFileSync(join(b, 'new'), '')), expected: ['new: name'] },
    'another mode': { change: (b) => fs.chmodSync(join(b, 'folder'), 0o700), expected: ['folder: mode'] },
    'another target': {
      change: (b) =>
        keepingTime(b, () => {
          fs.rmSync(join(b, 'link'));
          fs.symlinkSync('elif', join(b, 'link'));
        }),
      expected: ['link: mtime', 'link: target'],
    },
    'one byte of content': {
      change: (b) =>
        keepingTime(join(b, 'folder/inside'), () => {
          const fd = fs.openSync(join(b, 'folder/inside'), 'r+');
          fs.writeSync(fd, 'X', 2 * MEBIBYTE);
          fs.closeSync(fd);
        }),
      expected: ['folder/inside: content'],
    },
    'another size': {
      change: (b) => keepingTime(join(b, 'single'), () => fs.appendFileSync(join(b, 'single'), '!')),
      expected: ['single: size'],
    },
    'a file in place of a directory': {
      change: (b) =>
        keepingTime(b, () => {
          fs.rmSync(join(b, 'folder'), { recursive: true });
          fs.writeFileSync(join(b, 'folder'), '');
        }),
      expected: ['folder: kind'],
    },
    'a copy in place of a hard link': {
      change: (b) =>
        keepingTime(join(b, 'folder'), () => {
          fs.rmSync(join(b, 'folder/linked'));
          execFileSync('cp', ['-a', join(b, 'file'), join(b, 'folder/linked')]);
        }),
      expected: ['folder/linked: links'],
    },
    'a nanosecond of a time': {
      change: (b) => setTime(join(b, 'single'), fs.statSync(join(b, 'single'), { bigint: true }).mtimeNs ^ 1n),
      expected: ['single: mtime'],
    },
  };
  for (const [what, { change, expected }] of Object.entries(changes)) {
    test(`${what} is a difference`, (context) => {
      const { a, b } = twins(context);
      change(b);
      assert.deepEqual(shown(compareTrees(a, b)), expected);
    });
  }

  test('a hole that only one file has is a difference, in either direction', (context) => {
    const { a, b } = twins(context);
    fs.writeFileSync(join(a, 'sparse'), Buffer.alloc(MEBIBYTE));
    execFileSync('cp', ['-a', '--sparse=always', join(a, 'sparse'), join(b, 'sparse')]);
    execFileSync('touch', ['-r', a, b]);
    assert.deepEqual(shown(compareTrees(a, b)), ['sparse: holes']);
    assert.deepEqual(shown(compareTrees(b, a)), ['sparse: holes']);
    assert.deepEqual(compareTrees(a, b, { ignore: ['holes'] }), []);
  });

  test('an extended attribute is a difference', (context) => {
    const { a, b } = twins(context);
    using directory = system().openDirectory(nameFromText(b));
    directory.setXattr(nameFromText('single'), nameFromText('user.varve'), Buffer.from('x'));
    assert.deepEqual(shown(compareTrees(a, b)), ['single: xattrs']);
  });

  test('the nasty tree is made whole, equals itself and its copy by cp, and can be removed', (context) => {
    const folder = scratchFolder(context);
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    fs.mkdirSync(a);
    const skipped = makeNastyTree(a, { scale, beyondPathMax: false });
    if (process.getuid?.() === 0) assert.deepEqual(skipped, []);
    assert.deepEqual(compareTrees(a, a), []);
    if (!skipUnless(context, process.getuid?.() === 0, 'only root can copy all of it')) {
      execFileSync('cp', ['-a', '--sparse=auto', a, b]);
      assert.deepEqual(compareTrees(a, b, { ignore: ['holes'] }), []);
    }
    for (const each of [a, b].filter(fs.existsSync)) emptyDirectory(each);
  });

  test('the nasty tree goes deeper than any path and is walked to the bottom', (context) => {
    const folder = scratchFolder(context);
    makeNastyTree(folder, { scale });
    const bottom = Array(150).fill('a rather long name of forty characters, x'.slice(0, 40)).join('/');
    using top = system().openDirectory(nameFromText(folder));
    using deep = top.resolve(nameFromText(`depths/beyond/${bottom}`));
    assert.deepEqual(compareTrees(folder, folder), []);
    system().closeFile(deep.openFile(nameFromText('bottom'), 'read'));
    emptyDirectory(folder);
    assert.deepEqual(top.entries().names, []);
  });

  test('rsync finds nothing between a tree and itself, and finds a change', (context) => {
    let hasRsync = true;
    try {
      execFileSync('rsync', ['--version'], { stdio: 'ignore' });
    } catch {
      hasRsync = false;
    }
    if (skipUnless(context, hasRsync, 'rsync is not installed')) return;
    const { a, b } = twins(context);
    assert.deepEqual(rsyncDifferences(a, b), []);
    fs.chmodSync(join(b, 'file'), 0o600);
    assert.match(rsyncDifferences(a, b)[0] as string, /^.f...p..... file$/);
  });
}
