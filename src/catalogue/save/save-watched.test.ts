import assert from 'node:assert/strict';
import { copyFileSync, linkSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type SavingCatalogue, savingCatalogue } from '../../../test/support/saving-catalogue.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import { Archive } from '../../tree/archive.ts';
import type { SaveOptions } from '../../tree/types.ts';
import { openForWriting } from '../database.ts';
import { rotate } from '../history/rotate.ts';
import { type LastSave, readLastSave, writeLastSave } from './last-save.ts';

const FILES = { 'a/one': 'one', 'a/two': 'x'.repeat(5000), 'a/b/deep': 'deep', 'c/three': 'three', top: 'top' };

/** A root with some files, saved. */
async function saved(context: TestContext): Promise<SavingCatalogue & { at(name: string): string }> {
  const saving = await savingCatalogue(context);
  await saving.fill(FILES);
  assert.equal((await saving.save()).doubt, 'it was not saved before while it was watched');
  return { ...saving, at: (name) => join(saving.catalogue.root, name) };
}

/** Saves what the catalogue names; fails unless that is the tree of a full save, or everything was looked at. */
async function savesChanges({ save, fullTree }: SavingCatalogue, options?: SaveOptions, folder?: string) {
  const report = await save(options, folder);
  assert.equal(report.doubt, undefined);
  assert.equal(report.tree, await fullTree(options, folder));
  return report;
}

/** Saves everything, for that reason. */
async function savesAll({ save, fullTree }: SavingCatalogue, doubt: RegExp, options?: SaveOptions, folder?: string) {
  const report = await save(options, folder);
  assert.match(report.doubt ?? 'no doubt', doubt);
  assert.equal(report.tree, await fullTree(options, folder));
}

function edit(file: string, changes: Partial<LastSave>): void {
  writeLastSave(file, { ...(readLastSave(file) as LastSave), ...changes });
}

test('nothing changed costs no look at any file', async (context) => {
  const saving = await saved(context);
  const { paths, readFiles } = await savesChanges(saving);
  assert.deepEqual({ paths, readFiles }, { paths: 0, readFiles: 0 });
});

test('one changed file costs one read', async (context) => {
  const saving = await saved(context);
  await saving.fill({ 'a/b/deep': 'deeper' });
  const { readFiles } = await savesChanges(saving);
  assert.equal(readFiles, 1);
});

test('a folder in a root is saved as well as the root', async (context) => {
  const saving = await saved(context);
  await saving.save({}, 'a');
  await saving.fill({ 'a/b/deep': 'deeper', top: 'not in it' });
  const { readFiles } = await savesChanges(saving, {}, 'a');
  assert.equal(readFiles, 1);
});

test('what is written again shortly behind a save is saved by the next', async (context) => {
  const saving = await saved(context);
  for (const content of ['1', '2', '3']) {
    writeFileSync(saving.at('top'), content);
    await savesChanges(saving);
  }
});

test('a name that came and went leaves its folder another time, and no event', async (context) => {
  const saving = await saved(context);
  writeFileSync(saving.at('a/lock'), '');
  rmSync(saving.at('a/lock'));
  const { paths, readFiles } = await savesChanges(saving);
  assert.deepEqual({ paths, readFiles }, { paths: 1, readFiles: 0 });
});

test('times and extended attributes of folders are saved', async (context) => {
  const saving = await saved(context);
  utimesSync(saving.at('a/b'), 1, 1);
  await savesChanges(saving);
  using root = system().openDirectory(nameFromText(saving.catalogue.root));
  root.setXattr(nameFromText('a'), nameFromText('user.varve'), Buffer.from('x'));
  root.setXattr(nameFromText('.'), nameFromText('user.varve'), Buffer.from('y'));
  await savesChanges(saving);
});

test('folders that have changed places are looked through', async (context) => {
  const saving = await saved(context);
  await saving.fill({ 'c/b/deep': 'as deep', 'a/b/d/e': '1', 'c/b/d/e': '2' });
  await saving.save();
  using root = system().openDirectory(nameFromText(saving.catalogue.root));
  root.rename(nameFromText('a'), root, nameFromText('c'), 'exchange');
  await savesChanges(saving);
  rmSync(saving.at('a'), { recursive: true });
  renameSync(saving.at('c'), saving.at('a'));
  await savesChanges(saving);
});

test('a change through a link where nobody watches is seen', async (context) => {
  const saving = await saved(context);
  const outside = join(saving.catalogue.outside, 'link');
  linkSync(saving.at('a/one'), saving.at('c/link'));
  await saving.catalogue.service.sync();
  renameSync(saving.at('c/link'), outside);
  await savesChanges(saving);
  writeFileSync(outside, 'changed from outside');
  await savesChanges(saving);
});

test('all links of a file are looked at when a folder with one of them moves, out of the source too', async (context) => {
  const saving = await saved(context);
  await saving.fill({ 'c/sub/a': 'linked', 'c/sub/b': 'linked too' });
  linkSync(saving.at('c/sub/a'), saving.at('c/x'));
  linkSync(saving.at('c/sub/b'), saving.at('a/b/x'));
  await saving.save({}, 'c');
  await savesChanges(saving);
  renameSync(saving.at('c/sub'), saving.at('a/sub'));
  await savesChanges(saving, {}, 'c');
  await savesChanges(saving);
});

test('rules of what is not saved hold for everything below them', async (context) => {
  const saving = await saved(context);
  linkSync(saving.at('a/b/deep'), saving.at('c/link'));
  await savesChanges(saving);
  await saving.fill({ 'a/.varveignore': 'deep\n' });
  await savesChanges(saving);
  renameSync(saving.at('a/.varveignore'), saving.at('c/.varveignore'));
  await savesChanges(saving);
});

test('what has to be looked at again is, though nothing has happened to it', async (context) => {
  const saving = await saved(context);
  edit(saving.lastSave, { suspects: ['a/b', 'top'].map(nameFromText) });
  const { readFiles } = await savesChanges(saving);
  assert.equal(readFiles, 2);
  const { readFiles: again } = await savesChanges(saving);
  assert.equal(again, 0);
});

test('what happened while nobody watched is found by the scan, and saved', async (context) => {
  const saving = await saved(context);
  await saving.catalogue.close();
  await saving.store.close();
  await saving.fill({ 'a/one': 'changed meanwhile' });
  rmSync(saving.at('c'), { recursive: true });
  const later = await savingCatalogue(context, { home: join(saving.catalogue.root, '..') });
  await savesChanges(later);
});

test('while changes may have been missed, everything is looked at', async (context) => {
  const saving = await saved(context);
  const { service } = saving.catalogue;
  service.pause(true);
  service.engine.compareAll('overflow', 0n);
  await savesAll(saving, /missed/);
  service.pause(false);
  await service.sync();
  await savesChanges(saving);
});

test('a folder that nobody watches is saved as any other', async (context) => {
  const saving = await savingCatalogue(context, { watcher: 'none' });
  await saving.fill(FILES);
  await savesAll(saving, /^changes may have been missed/);
});

test('what has been forgotten cannot be relied upon', async (context) => {
  const saving = await saved(context);
  await saving.fill({ top: '1' });
  await saving.catalogue.service.sync();
  await saving.catalogue.close();
  const database = openForWriting(saving.catalogue.database);
  for (const _ of rotate(database, { maxEvents: 0 }, BigInt(Date.now()) * 1_000_000n)) {
  }
  database.close();
  await saving.store.close();
  const later = await savingCatalogue(context, { home: join(saving.catalogue.root, '..') });
  await savesAll(later, /forgotten/);
  await savesChanges(later);
});

test('a catalogue that was made anew, or put back from a copy, is another one', async (context) => {
  const saving = await saved(context);
  const home = join(saving.catalogue.root, '..');
  const { database } = saving.catalogue;
  await saving.catalogue.close();
  copyFileSync(database, `${database}.copy`);
  const next = await savingCatalogue(context, { home });
  await next.fill({ top: '1' });
  await savesChanges(next);
  await next.catalogue.close();
  copyFileSync(`${database}.copy`, database);
  const back = await savingCatalogue(context, { home });
  await back.fill({ top: '2', 'a/one': '2' });
  await savesAll(back, /forgotten/);
  await back.catalogue.close();
  for (const end of ['', '-wal', '-shm']) rmSync(`${database}${end}`, { force: true });
  const anew = await savingCatalogue(context, { home });
  await savesAll(anew, /another one|history/);
});

test('other options, and other patterns in a file of them, save everything', async (context) => {
  const saving = await saved(context);
  const file = join(saving.catalogue.outside, 'patterns');
  writeFileSync(file, 'one\n');
  const options = { excludes: ['*.tmp'], excludeFrom: [file] };
  await savesAll(saving, /other options/, options);
  await savesChanges(saving, options);
  writeFileSync(file, 'two\n');
  await savesAll(saving, /other options/, options);
  await savesAll(saving, /every file is to be read/, { ...options, readAll: true });
});

test('another folder in the place of the one that was saved is saved whole', async (context) => {
  const saving = await saved(context);
  await saving.save({}, 'a');
  renameSync(saving.at('a'), saving.at('b'));
  renameSync(saving.at('c'), saving.at('a'));
  await savesAll(saving, /another folder stood there/, {}, 'a');
});

test('after a day everything is looked at again', async (context) => {
  const saving = await saved(context);
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  edit(saving.lastSave, { full: ago(25) });
  await savesAll(saving, /more than a day ago/);
  const full = ago(23);
  edit(saving.lastSave, { full });
  await savesChanges(saving);
  assert.equal(readLastSave(saving.lastSave)?.full, full);
  edit(saving.lastSave, { full: ago(-1) });
  await savesAll(saving, /more than a day ago/);
});

test('a last save that is damaged is none', async (context) => {
  const saving = await saved(context);
  const text = readFileSync(saving.lastSave, 'utf8');
  writeFileSync(saving.lastSave, text.replace('"event":', '"event":1'));
  await savesAll(saving, /not saved before/);
  await savesChanges(saving);
});

test('a tree that the archive has no more is not built upon', async (context) => {
  const saving = await saved(context);
  const archive = new Archive(saving.store.archive('watched'));
  await archive.drop((await archive.read()).revisions);
  const { doubt } = await saving.save();
  assert.match(doubt ?? '', /cannot be built upon/);
  assert.equal((await archive.read()).revisions.length, 1);
});

test('a dry run looks at what changed, and is forgotten', async (context) => {
  const saving = await saved(context);
  const before = readFileSync(saving.lastSave, 'utf8');
  await saving.fill({ top: 'changed' });
  const { readFiles } = await savesChanges(saving, { dryRun: true });
  assert.equal(readFiles, 1);
  assert.equal(readFileSync(saving.lastSave, 'utf8'), before);
});

test('a catalogue that is damaged keeps nobody from saving', async (context) => {
  const saving = await saved(context);
  await saving.catalogue.close();
  writeFileSync(saving.catalogue.database, 'no database at all, but long enough to be taken for one'.repeat(100));
  await savesAll(saving, /cannot be asked/);
});

test('names that are no text are found', async (context) => {
  const saving = await saved(context);
  using root = system().openDirectory(nameFromText(saving.catalogue.root));
  root.makeDirectory('\xff\x01' as ByteName);
  using folder = root.openDirectory('\xff\x01' as ByteName);
  system().closeFile(folder.openFile('\\\n\xfe' as ByteName, 'createExclusive', 0o644));
  await savesChanges(saving);
  folder.remove('\\\n\xfe' as ByteName);
  await savesChanges(saving);
});
