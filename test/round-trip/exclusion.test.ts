import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SaveOptions } from '../../src/tree/types.ts';
import { skipUnless } from '../support/scratch.ts';
import { Workbench } from './workbench.ts';

const runs = Number(process.env.VARVE_ROUND_TRIP_RUNS ?? 15);
const isRoot = process.getuid?.() === 0;

/** The files of a saved source, sorted. */
async function filesSaved(bench: Workbench, options: SaveOptions = {}, source = bench.source): Promise<string[]> {
  const { tree } = await bench.save({ ...options, source });
  const target = bench.target();
  await bench.restore(tree, target);
  const entries = fs.readdirSync(target, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1));
  return files.sort();
}

/** What git would keep of a folder, by the same rules. */
function filesOfGit(folder: string): string[] {
  const output = execFileSync('git', ['ls-files', '-z', '--others', '--exclude-per-directory=.varveignore'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return output
    .split('\0')
    .filter((path) => path !== '')
    .sort();
}

const segment = fc.constantFrom(
  'a',
  'b',
  'A',
  'ab',
  'build',
  '*',
  '**',
  '?',
  'a*',
  '*b',
  '[ab]',
  '[!a]',
  'a.txt',
  '*.txt',
  '\\*',
  '#',
  '\\#a',
);
const pattern = fc
  .record({
    negated: fc.boolean(),
    anchored: fc.boolean(),
    segments: fc.array(segment, { minLength: 1, maxLength: 3 }),
    folder: fc.boolean(),
  })
  .map(({ negated, anchored, segments, folder }) => `${negated ? '!' : ''}${anchored ? '/' : ''}${segments.join('/')}${folder ? '/' : ''}`);
const rules = fc.array(fc.oneof(pattern, fc.constantFrom('', '# comment')), { maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`);

const name = fc.constantFrom('a', 'b', 'A', 'ab', 'build', 'a.txt', '#', '*', '#a', 'x y');
type Tree = { readonly [name: string]: string | Tree };
const { tree: anyTree } = fc.letrec<{ tree: Tree; node: string | Tree }>((tie) => ({
  tree: fc.dictionary(fc.oneof({ weight: 5, arbitrary: name }, { weight: 1, arbitrary: fc.constant('.varveignore') }), tie('node'), {
    minKeys: 1,
    maxKeys: 6,
    noNullPrototype: true,
  }),
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, rules, tie('tree')),
}));

function make(folder: string, tree: Tree): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const [each, node] of Object.entries(tree)) {
    if (typeof node === 'string') fs.writeFileSync(join(folder, each), node);
    else if (each !== '.varveignore') make(join(folder, each), node);
  }
}

test('ignore files leave out what git leaves out', async (context) => {
  const bench = new Workbench(context);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(anyTree, async (tree) => {
      const source = join(bench.source, `${count++}`);
      make(source, tree);
      execFileSync('git', ['init', '-q'], { cwd: source });
      const expected = filesOfGit(source);
      fs.rmSync(join(source, '.git'), { recursive: true });
      assert.deepEqual(await filesSaved(bench, {}, source), expected);
    }),
    { numRuns: runs },
  );
});

test('a folder that a nearer ignore file takes in again is saved with what is in it', async (context) => {
  const bench = new Workbench(context);
  bench.fill({
    '.varveignore': '*.d\n*.log\n',
    'in/.varveignore': '!a*\n',
    'in/a[*].d/kept': '',
    'in/a[*].d/deep/kept': '',
    'in/a[*].d/b.log': '',
    'in/a[*].d/b.d/file': '',
    'in/b.d/file': '',
  });
  const kept = ['.varveignore', 'in/.varveignore', 'in/a[*].d/deep/kept', 'in/a[*].d/kept'];
  assert.deepEqual(await filesSaved(bench), kept);
  assert.deepEqual(await filesSaved(bench, { excludes: ['!b.d'] }), [
    ...kept.slice(0, 2),
    'in/a[*].d/b.d/file',
    ...kept.slice(2),
    'in/b.d/file',
  ]);
});

test('upper and lower case are two', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ BUILD: '', build: '' });
  assert.deepEqual(await filesSaved(bench, { excludes: ['build'] }), ['BUILD']);
});

test('patterns that the user gives win over those of files in the tree', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ '.varveignore': '!secret\n*.log\n', secret: '', 'a.log': '', 'b.log': '' });
  assert.deepEqual(await filesSaved(bench, { excludes: ['secret', '!b.log'] }), ['.varveignore', 'b.log']);
});

test('patterns can be read from a file, and ignore files can be ignored', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ '.varveignore': 'a\n', a: '', b: '', c: '' });
  const file = join(bench.folder, 'patterns');
  fs.writeFileSync(file, '# no b\nb\n');
  assert.deepEqual(await filesSaved(bench, { excludeFrom: [file] }), ['.varveignore', 'c']);
  assert.deepEqual(await filesSaved(bench, { ignoreFiles: false }), ['.varveignore', 'a', 'b', 'c']);
  await assert.rejects(bench.save({ excludeFrom: [join(bench.folder, 'missing')] }), { code: 'USAGE' });
});

test('of a folder that is tagged as a cache only the tag is kept', async (context) => {
  const bench = new Workbench(context);
  const tag = 'Signature: 8a477f597d28d172789f06886806bc55\n# a cache\n';
  bench.fill({
    'cache/CACHEDIR.TAG': tag,
    'cache/content': '',
    'cache/in/side': '',
    'other/CACHEDIR.TAG': 'Signature: 0',
    'other/content': '',
  });
  const kept = ['cache/CACHEDIR.TAG', 'other/CACHEDIR.TAG', 'other/content'];
  assert.deepEqual(await filesSaved(bench), kept);
  assert.deepEqual(await filesSaved(bench, { skipCaches: false }), [...kept, 'cache/content', 'cache/in/side'].sort());
});

test('files are left out by size and by age', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ 'size-0': '', 'size-10': 'x'.repeat(10), 'size-20': 'x'.repeat(20) });
  assert.deepEqual(await filesSaved(bench, { minFileBytes: 10 }), ['size-10', 'size-20']);
  assert.deepEqual(await filesSaved(bench, { maxFileBytes: 10 }), ['size-0', 'size-10']);
  for (const [i, file] of ['size-0', 'size-10', 'size-20'].entries()) fs.utimesSync(join(bench.source, file), i * 1000, i * 1000);
  assert.deepEqual(await filesSaved(bench, { newerThanMs: 1_000_000 }), ['size-10', 'size-20']);
  assert.deepEqual(await filesSaved(bench, { olderThanMs: 1_000_000 }), ['size-0', 'size-10']);
});

test('what another file system holds is left out on request, and the folder it is mounted on kept', async (context) => {
  if (skipUnless(context, process.platform === 'linux' && isRoot, 'only root can mount a file system')) return;
  const bench = new Workbench(context);
  bench.fill({ here: '', 'mounted/': '' });
  const mounted = join(bench.source, 'mounted');
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mounted], { stdio: 'ignore' });
  } catch {
    skipUnless(context, false, 'file systems cannot be mounted here');
    return;
  }
  try {
    fs.writeFileSync(join(mounted, 'there'), '');
    assert.deepEqual(await filesSaved(bench), ['here', 'mounted/there']);
    assert.deepEqual(await filesSaved(bench, { oneFileSystem: true }), ['here']);
  } finally {
    execFileSync('umount', [mounted]);
  }
});

test('restore takes and leaves by patterns, and --delete spares what is excluded', async (context) => {
  const bench = new Workbench(context);
  bench.fill({ 'a/one.txt': '', 'a/two.log': '', 'b/three.txt': '', 'B/four.txt': '' });
  const { tree } = await bench.save();
  const target = bench.target();
  const list = () =>
    (fs.readdirSync(target, { recursive: true }) as string[]).filter((path) => fs.statSync(join(target, path)).isFile()).sort();
  await bench.restore(tree, target, { include: ['*.txt'], exclude: ['b/'] });
  assert.deepEqual(list(), ['B/four.txt', 'a/one.txt']);
  for (const path of ['keep/in/it', 'drop/in/it', 'drop/cache/x', 'c.log']) {
    fs.mkdirSync(join(target, path, '..'), { recursive: true });
    fs.writeFileSync(join(target, path), '');
  }
  const options = { exclude: ['keep/', 'cache/', '*.log'], delete: true };
  const dry = await bench.restore(tree, target, { ...options, dryRun: true });
  const report = await bench.restore(tree, target, options);
  assert.deepEqual(list(), ['B/four.txt', 'a/one.txt', 'b/three.txt', 'c.log', 'drop/cache/x', 'keep/in/it']);
  assert.deepEqual([dry.deleted, report.deleted], [2, 2]);
});
