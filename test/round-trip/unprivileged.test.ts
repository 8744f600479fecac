import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { skipUnless } from '../support/scratch.ts';
import { shownErrors, Workbench } from './workbench.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Does something with the rights of a user who owns nothing but what he is given. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

/** A workbench that belongs to nobody. */
function benchOfNobody(context: TestContext): Workbench {
  const bench = new Workbench(context);
  give(bench.folder);
  give(bench.source);
  return bench;
}

/** Saves with all rights, into a store that nobody may read. */
async function saveForNobody(bench: Workbench): Promise<string> {
  const { tree } = await bench.save();
  give(join(bench.folder, 'store'));
  return tree;
}

function give(path: string): void {
  execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, path]);
}

function asUser(sentence: string, body: (context: TestContext) => Promise<void>): void {
  if (process.platform !== 'linux') return;
  test(sentence, async (context) => {
    if (skipUnless(context, isRoot, 'only root can take the rights of another user')) return;
    await body(context);
  });
}

asUser('what may not be read is listed, and the rest is saved', async (context) => {
  const bench = benchOfNobody(context);
  bench.fill({ readable: 'content', secret: 'secret', 'closed/inside': '', 'listed/inside': '', 'open/file': 'content', large: '' });
  fs.truncateSync(join(bench.source, 'large'), 70 << 20);
  fs.writeFileSync(join(bench.source, 'large'), Buffer.alloc(70 << 20, 'x'));
  fs.chmodSync(join(bench.source, 'secret'), 0o600);
  fs.chmodSync(join(bench.source, 'large'), 0o600);
  fs.chmodSync(join(bench.source, 'closed'), 0o700);
  fs.chmodSync(join(bench.source, 'listed'), 0o744);
  const report = await asNobody(() => bench.save());
  assert.deepEqual(shownErrors(report).sort(), ['closed: EACCES', 'large: EACCES', 'listed/inside: EACCES', 'secret: EACCES']);
  const target = bench.target();
  await bench.restore(report.tree, target);
  const left = fs.readdirSync(target, { recursive: true }).sort();
  assert.deepEqual(left, ['listed', 'open', 'open/file', 'readable']);
});

asUser('a tree of one’s own comes back with all modes and attributes', async (context) => {
  const bench = benchOfNobody(context);
  bench.fill({ 'read-only': 'content', 'folder/inside': 'content', script: '#!', 'sealed/in/side': 'content' });
  using source = system().openDirectory(nameFromText(bench.source));
  for (const name of ['read-only', 'folder']) source.setXattr(nameFromText(name), nameFromText('user.varve'), Buffer.from('value'));
  give(bench.source);
  fs.chmodSync(join(bench.source, 'read-only'), 0o444);
  fs.chmodSync(join(bench.source, 'script'), 0o4755);
  for (const folder of ['folder', 'sealed', 'sealed/in']) fs.chmodSync(join(bench.source, folder), 0o500);
  const target = bench.target();
  await asNobody(async () => {
    const { tree } = await bench.save();
    assert.deepEqual(shownErrors(await bench.restore(tree, target)), []);
  });
  assert.deepEqual(compareTrees(bench.source, target), []);
});

asUser('folders of one’s own that may not be written are restored over, and have their modes afterwards', async (context) => {
  const bench = benchOfNobody(context);
  bench.fill({ 'sealed/in/side': 'content', 'sealed/file': 'content', 'none/file': 'content' });
  give(bench.source);
  const modes = { 'sealed/in': 0o500, sealed: 0o555, none: 0o000 };
  const tree = await saveForNobody(bench);
  const target = bench.target();
  await asNobody(async () => bench.restore(tree, target));
  fs.rmSync(join(target, 'sealed/in/side'));
  fs.writeFileSync(join(target, 'sealed/in/extra'), '');
  fs.mkdirSync(join(target, 'extra/in'), { recursive: true });
  fs.writeFileSync(join(target, 'extra/in/file'), '');
  give(target);
  for (const [path, mode] of Object.entries({ ...modes, 'extra/in': 0o500, extra: 0o400 })) fs.chmodSync(join(target, path), mode);
  await asNobody(async () => assert.deepEqual(shownErrors(await bench.restore(tree, target, { delete: true })), []));
  assert.deepEqual(compareTrees(bench.source, target), []);
  // One that is only passed through keeps its mode.
  fs.rmSync(join(target, 'sealed/in/side'));
  for (const [path, mode] of Object.entries(modes)) fs.chmodSync(join(target, path), mode);
  await asNobody(async () => assert.deepEqual(shownErrors(await bench.restore(tree, target, { include: ['side'] })), []));
  assert.equal(fs.readFileSync(join(target, 'sealed/in/side'), 'utf8'), 'content');
  for (const [path, mode] of Object.entries(modes)) assert.equal(fs.statSync(join(target, path)).mode & 0o777, mode, path);
});

asUser('owners that cannot be given are listed, and set-id bits are withheld from such files', async (context) => {
  const bench = benchOfNobody(context);
  bench.fill({ program: 'content', own: 'content', 'folder/': '' });
  fs.chmodSync(join(bench.source, 'program'), 0o6755);
  fs.chownSync(join(bench.source, 'own'), NOBODY, NOBODY);
  fs.chmodSync(join(bench.source, 'own'), 0o4755);
  fs.chownSync(join(bench.source, 'folder'), 1234, 1234);
  const tree = await saveForNobody(bench);
  const target = bench.target();
  const report = await asNobody(() => bench.restore(tree, target));
  assert.deepEqual(shownErrors(report).sort(), ['folder: EPERM', 'program: EPERM']);
  assert.match(report.errors[0]?.message ?? '', /owner/);
  assert.equal(fs.statSync(join(target, 'program')).mode & 0o7777, 0o755);
  assert.equal(fs.statSync(join(target, 'own')).mode & 0o7777, 0o4755);
});

asUser('a device that cannot be made is listed, and what stands in its place stays', async (context) => {
  const bench = benchOfNobody(context);
  execFileSync('mknod', [join(bench.source, 'device'), 'c', '1', '3']);
  bench.fill({ file: 'content' });
  const tree = await saveForNobody(bench);
  const target = bench.target();
  fs.mkdirSync(target);
  fs.writeFileSync(join(target, 'device'), 'precious');
  give(target);
  const report = await asNobody(() => bench.restore(tree, target));
  assert.ok(shownErrors(report).includes('device: EPERM'));
  assert.equal(fs.readFileSync(join(target, 'device'), 'utf8'), 'precious');
  assert.equal(fs.readFileSync(join(target, 'file'), 'utf8'), 'content');
  assert.deepEqual([report.created, report.updated], [1, 0]);
  assert.deepEqual(fs.readdirSync(target).sort(), ['device', 'file']);
});
