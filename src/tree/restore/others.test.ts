import assert from 'node:assert/strict';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { mountingFolder, mountMemory, skipWithoutMounts } from '../../../test/support/mounts.ts';
import { scratchFolder } from '../../../test/support/scratch.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { MemoryStore } from '../../store/memory.ts';
import { identityAt } from '../../sys/folder-identity.ts';
import type { RestoreReport } from '../types.ts';
import type { TreeView, ViewEntry } from '../view.ts';
import { restore } from './restore.ts';

function folder(name: string, parts: Partial<ViewEntry> = {}): ViewEntry {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, user: undefined, group: undefined };
  const mtime = { seconds: 1, nanoseconds: 0 };
  return { name: name as ByteName, kind: 'directory', mode: 0o755, owner, mtime, isPartial: true, ...parts } as ViewEntry;
}

/** Restores a tree of folders, by the path of each, over a folder with these files, and removes what is not in it. */
async function restoreOver(
  target: string,
  tree: Readonly<Record<string, ViewEntry[]>>,
  staying: readonly string[] = [],
  root = folder(''),
): Promise<RestoreReport> {
  const view: TreeView = {
    root,
    async *entries(_, path) {
      yield tree[path] ?? [];
    },
    read: () => assert.fail('there are no files'),
  };
  const identities = staying.map((path) => identityAt(nameFromText(join(target, path))) ?? assert.fail(path));
  const options = { delete: true, threads: 0, staying: new Set(identities) };
  return restore({ store: new MemoryStore(), root: view.root, view, target: nameFromText(target), options });
}

function fill(target: string, ...files: string[]): (file: string) => boolean {
  for (const file of files) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), file);
  }
  return (file) => existsSync(join(target, file));
}

test('a folder of which nobody knew what was in it stays as it is or is left out, and that is said', async (context) => {
  const target = realpathSync(scratchFolder(context));
  const isThere = fill(target, 'unknown/file', 'empty/file', 'new/file', 'own/file');
  const unknown = ['unknown', 'unknown-too'].map((name) => folder(name, { isUnlisted: true }));
  const [own, mounted] = ['own', 'mounted'].map((name) => folder(name, { isUnlisted: true, isPassedOver: true })) as [ViewEntry, ViewEntry];
  const { errors, directories } = await restoreOver(target, { '': [folder('empty'), own, mounted, ...unknown] });
  assert.deepEqual(
    errors.map(({ code, path }) => [code, path]),
    [
      ['NOT_LISTED', 'unknown'],
      ['NOT_LISTED', 'unknown-too'],
    ],
  );
  assert.equal(directories, 4);
  assert.deepEqual(['own/file', 'mounted', 'unknown/file', 'unknown-too', 'empty', 'empty/file', 'new'].map(isThere), [
    true,
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
});

test('of a folder that was never listed nothing is restored over what is there, nor removed', async (context) => {
  const target = realpathSync(scratchFolder(context));
  const isThere = fill(target, 'file');
  const { errors } = await restoreOver(target, {}, [], folder('', { isUnlisted: true }));
  assert.deepEqual(
    errors.map(({ code, path }) => [code, path]),
    [['NOT_LISTED', '.']],
  );
  assert.ok(isThere('file'));
});

test('folders that have to stay do, wherever they are and whatever the tree says of them', async (context) => {
  const target = realpathSync(scratchFolder(context));
  const isThere = fill(target, 'own/file', 'known/file', 'new/own/deep/file', 'new/file');
  await restoreOver(target, { '': [folder('known')] }, ['own', 'known', 'new/own']);
  assert.deepEqual(['own/file', 'known/file', 'new/own/deep/file', 'new/file'].map(isThere), [true, true, true, false]);
});

test('nothing is removed of what is mounted there and was not in the tree, and that is said', async (context) => {
  if (skipWithoutMounts(context)) return;
  const target = mountingFolder(context);
  for (const point of ['stick', 'new/stick', 'known']) {
    mkdirSync(join(target, point), { recursive: true });
    mountMemory(join(target, point));
  }
  const isThere = fill(target, 'stick/file', 'new/stick/file', 'known/in/file', 'known/other');
  const { errors } = await restoreOver(target, { '': [folder('known'), folder('stick')], known: [folder('in')], 'known/in': [] });
  assert.deepEqual(errors.map(({ code, path }) => [code, path]).sort(), [
    ['MOUNTED', 'new'],
    ['MOUNTED', 'stick'],
  ]);
  assert.deepEqual(['stick/file', 'new/stick/file', 'known/in/file', 'known/other'].map(isThere), [true, true, false, false]);
});
