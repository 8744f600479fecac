import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Changer } from '../../../test/round-trip/changer.ts';
import { shownErrors, Workbench } from '../../../test/round-trip/workbench.ts';
import { makeNastyTree } from '../../../test/support/nasty-tree.ts';
import { campaignRandom, sizeFromEnv } from '../../../test/support/random.ts';
import { UsageError } from '../../base/errors.ts';
import { nameFromText } from '../../base/names.ts';
import { Archive } from '../archive.ts';
import { collect } from '../collect.ts';
import type { SaveOptions, SaveReport } from '../types.ts';
import { BaseGoneError, type SaveChangesReport, saveChanges } from './save-changes.ts';

const rounds = sizeFromEnv('VARVE_CHANGES_ROUNDS', 60);

/** Saves what may have changed in the source of a bench: paths, with a star behind a slash for everything below, and a dot for the attributes alone. */
function changed(bench: Workbench, base: string, paths: Iterable<string>, options: SaveOptions = {}): Promise<SaveChangesReport> {
  const changes = Array.from(paths, (path) => ({
    path: nameFromText(path.replace(/\/?[*.]$/, '')),
    scope: path.endsWith('*') ? ('all' as const) : /(^|\/)\.$/.test(path) ? ('attributes' as const) : ('names' as const),
  }));
  return saveChanges({
    store: bench.store,
    archive: 'test',
    source: nameFromText(bench.source),
    base,
    changes,
    options: { threads: 0, ...options },
  });
}

/** Holds a save of changes against a full one. */
async function agrees(bench: Workbench, base: string, paths: Iterable<string>, options: SaveOptions = {}): Promise<SaveChangesReport> {
  const report = await changed(bench, base, paths, options);
  const full = await bench.save(options);
  const { tree, files, bytes } = full;
  assert.deepEqual({ tree: report.tree, files: report.files, bytes: report.bytes }, { tree, files, bytes });
  return report;
}

/** A source with some of everything, saved. */
async function begun(context: TestContext, options: SaveOptions = {}): Promise<{ readonly bench: Workbench; readonly base: SaveReport }> {
  const bench = new Workbench(context);
  bench.fill({
    'a/one': 'one',
    'a/two': 'x'.repeat(5000),
    'a/b/deep': 'deep',
    'c/large': Buffer.alloc(300_000, 'abcdefg'),
    'c/empty/': '',
    top: 'top',
  });
  return { bench, base: await bench.save(options) };
}

test('one changed file costs one read, and comes to what a full save makes', async (context) => {
  const { bench, base } = await begun(context);
  bench.fill({ 'a/b/deep': 'deeper' });
  const report = await agrees(bench, base.tree, ['a/b/deep']);
  assert.equal(report.readFiles, 1);
  assert.notEqual(report.tree, base.tree);
});

test('nothing changed is the same tree, and a revision of its own', async (context) => {
  const { bench, base } = await begun(context);
  const report = await changed(bench, base.tree, []);
  assert.equal(report.tree, base.tree);
  const { revisions } = await new Archive(bench.store.archive('test')).read();
  assert.deepEqual(
    revisions.map(({ tree, files, bytes }) => ({ tree, files, bytes })),
    [base, base].map(({ tree, files, bytes }) => ({ tree, files, bytes })),
  );
});

test('what came, went, and became something else is found by the name of its directory', async (context) => {
  const { bench, base } = await begun(context);
  fs.rmSync(join(bench.source, 'a/one'));
  fs.rmSync(join(bench.source, 'a/b'), { recursive: true });
  bench.fill({ 'a/b': 'a file now', 'a/new/below/it': 'new' });
  const report = await agrees(bench, base.tree, ['a']);
  assert.equal(report.readFiles, 2);
});

test('a directory named without what is below keeps that unread, and gets its attributes', async (context) => {
  const { bench, base } = await begun(context);
  fs.chmodSync(join(bench.source, 'c'), 0o700);
  const report = await agrees(bench, base.tree, ['c']);
  assert.equal(report.readFiles, 0);
});

test('a directory named for its attributes is not even listed', async (context) => {
  const { bench, base } = await begun(context);
  fs.utimesSync(join(bench.source, 'a'), 1, 1);
  fs.utimesSync(bench.source, 2, 2);
  const report = await agrees(bench, base.tree, ['a/.', '.']);
  assert.equal(report.readFiles, 0);
  bench.fill({ 'a/new': 'not told of' });
  fs.utimesSync(join(bench.source, 'a'), 1, 1);
  assert.equal((await changed(bench, report.tree, ['a/.'])).tree, report.tree);
});

test('a directory that came from elsewhere is looked through when it is named with all below', async (context) => {
  const { bench, base } = await begun(context);
  fs.renameSync(join(bench.source, 'a'), join(bench.source, 'gone'));
  fs.renameSync(join(bench.source, 'c'), join(bench.source, 'a'));
  fs.renameSync(join(bench.source, 'gone'), join(bench.source, 'c'));
  await agrees(bench, base.tree, ['a/*', 'c/*']);
});

test('all links of a file get their identity when all are named', async (context) => {
  const { bench, base } = await begun(context);
  fs.linkSync(join(bench.source, 'top'), join(bench.source, 'a/link'));
  const linked = await agrees(bench, base.tree, ['top', 'a/link']);
  fs.linkSync(join(bench.source, 'top'), join(bench.source, 'a/another'));
  fs.rmSync(join(bench.source, 'top'));
  await agrees(bench, linked.tree, ['top', 'a/link', 'a/another']);
});

test('links that are looked at keep the identity of one that is not', async (context) => {
  const { bench, base } = await begun(context);
  fs.linkSync(join(bench.source, 'a/one'), join(bench.source, 'c/empty/link'));
  fs.linkSync(join(bench.source, 'a/one'), join(bench.source, 'c/empty/link too'));
  const linked = await agrees(bench, base.tree, ['a/one', 'c/empty']);
  const report = await agrees(bench, linked.tree, ['c/*']);
  assert.equal(report.tree, linked.tree);
});

test('rules of exclusion hold for what changed, and new rules for everything below them', async (context) => {
  const options = { excludes: ['*.tmp'] };
  const { bench, base } = await begun(context, options);
  bench.fill({ 'a/x.tmp': 'not this', 'a/y': 'this' });
  const second = await agrees(bench, base.tree, ['a/x.tmp', 'a/y'], options);
  bench.fill({ 'a/.varveignore': 'deep\n' });
  const third = await agrees(bench, second.tree, ['a/.varveignore'], options);
  bench.fill({ 'a/b/deep': 'still excluded', 'a/b/other': 'not excluded' });
  const fourth = await agrees(bench, third.tree, ['a/b/deep', 'a/b/other'], options);
  fs.rmSync(join(bench.source, 'a/.varveignore'));
  const fifth = await agrees(bench, fourth.tree, ['a/.varveignore'], options);
  bench.fill({ 'a/CACHEDIR.TAG': 'Signature: 8a477f597d28d172789f06886806bc55' });
  const sixth = await agrees(bench, fifth.tree, ['a/CACHEDIR.TAG'], options);
  bench.fill({ 'a/b/third': 'in a cache' });
  await agrees(bench, sixth.tree, ['a/b/third'], options);
});

test('a file that became something else is saved as what it is', async (context) => {
  const { bench, base } = await begun(context);
  fs.rmSync(join(bench.source, 'a/one'));
  execFileSync('mkfifo', [join(bench.source, 'a/one')]);
  await agrees(bench, base.tree, ['a/one']);
});

test('a changed file that cannot be read is left out and listed, as by a save', async (context) => {
  const bench = new Workbench(context);
  const before = await bench.save({ source: '/proc/sys/vm' });
  const report = await saveChanges({
    store: bench.store,
    archive: 'test',
    source: nameFromText('/proc/sys/vm'),
    base: before.tree,
    changes: [{ path: nameFromText('compact_memory') }],
    options: { threads: 0 },
  });
  const errors = before.errors.flatMap(({ path, code }) => (path === 'compact_memory' ? `${path}: ${code}` : []));
  assert.deepEqual(shownErrors(report as SaveReport), errors);
  assert.equal(errors.length, 1);
});

test('what must be looked at again is told: what failed, and what changed just before it was read', async (context) => {
  const { bench, base } = await begun(context);
  const doubts: string[] = [];
  bench.fill({ 'a/just now': 'new' });
  fs.symlinkSync('nowhere', join(bench.source, 'link'));
  await changed(bench, base.tree, ['a/just now', 'a/two', 'link'], { onDoubt: (path) => doubts.push(path) });
  assert.ok(doubts.includes('a/just now') && doubts.includes('link'));
  const failed: string[] = [];
  const report = await bench.save({ source: '/proc/sys/vm', onDoubt: (path: string) => failed.push(path) });
  assert.deepEqual(failed.filter((path) => path === 'compact_memory').length, 1);
  assert.ok(report.errors.every(({ path }) => failed.includes(path)));
});

test('changes are told by paths below the source alone', async (context) => {
  const { bench, base } = await begun(context);
  for (const path of ['..', 'a/../top', '/etc', 'a//one', 'a/']) await assert.rejects(changed(bench, base.tree, [path]), UsageError);
});

test('a tree that the archive has no more is not built upon, and nothing is written', async (context) => {
  const { bench, base } = await begun(context);
  const archive = new Archive(bench.store.archive('test'));
  bench.fill({ top: 'changed' });
  await bench.save();
  await archive.drop((await archive.read()).revisions.filter(({ tree }) => tree === base.tree));
  await assert.rejects(changed(bench, base.tree, ['top']), BaseGoneError);
  assert.equal((await archive.read()).revisions.length, 1);
});

test('what is taken over survives the collection of the tree that it came from', async (context) => {
  const { bench, base } = await begun(context);
  bench.fill({ top: 'changed' });
  const report = await changed(bench, base.tree, ['top']);
  const archive = new Archive(bench.store.archive('test'));
  await archive.drop((await archive.read()).revisions.filter(({ tree }) => tree === base.tree));
  await collect(bench.store);
  assert.deepEqual(shownErrors(await bench.restore(report.tree, bench.target(), { verify: true })), []);
});

test('a dry run says what would be, and writes nothing', async (context) => {
  const { bench, base } = await begun(context);
  bench.fill({ top: 'changed' });
  const report = await changed(bench, base.tree, ['top'], { dryRun: true });
  assert.equal((await new Archive(bench.store.archive('test')).read()).revisions.length, 1);
  assert.equal((await bench.save()).tree, report.tree);
});

if (process.platform === 'linux') {
  test('a tree with everything nasty comes to the same, with threads too', async (context) => {
    const bench = new Workbench(context);
    makeNastyTree(bench.source, { scale: 0.01 });
    const base = await bench.save();
    bench.fill({ 'contents/new': 'new', 'names/new': 'new' });
    const second = await agrees(bench, base.tree, ['contents/new', 'names']);
    await agrees(bench, second.tree, ['*'], { threads: 2 });
  });
}

test('whatever changes, a save of the changes comes to what a full save makes', async (context) => {
  const random = campaignRandom(context);
  const { bench, base } = await begun(context);
  let { tree } = base;
  for (let round = 0; round < rounds; round++) {
    const changer = new Changer(bench.source, random);
    for (let i = random.below(8); i >= 0; i--) changer.change();
    if (random.chance(0.3)) changer.tellMore();
    ({ tree } = await agrees(bench, tree, changer.told));
  }
});
