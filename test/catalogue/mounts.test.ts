import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { eventsAfter, failuresOf, gapsOf, lastEvent } from '../support/catalogue-rows.ts';
import { ext4Image, remountImage } from '../support/disk-image.ts';
import { withEachWatcher, withEveryWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { mountAgain, mountingFolder, mountMemory, skipWithoutMounts, unmount } from '../support/mounts.ts';
import { until } from '../support/until.ts';

/** A root with a directory `original` that has a file in it, and an empty directory `again`. */
function fill(home: string): { original: string; again: string } {
  const [original, again] = [join(home, 'root/original'), join(home, 'root/again')];
  for (const path of [original, again]) fs.mkdirSync(path, { recursive: true });
  fs.writeFileSync(join(original, 'file'), 'x');
  return { original, again };
}

/** The name of the directory that a file of that name is in; undefined while there is none. */
function parentOf(reader: DatabaseSync, name: string): string | undefined {
  const above = reader.prepare('SELECT above.name FROM node JOIN node AS above ON above.id = node.parent WHERE node.name = ?');
  const row = above.get(Buffer.from(name));
  return row === undefined ? undefined : Buffer.from(row.name as Uint8Array).toString();
}

withEveryWatcher('a directory of a root that is mounted in it again is shown twice and entered once', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const { original, again } = fill(home);
  mountAgain(original, again);
  const { service, reader } = await liveCatalogue(context, { watcher, home });
  await service.sync();
  assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['again', 'original', 'original/file']);
  assert.equal(reader.prepare('SELECT files FROM directory JOIN root USING (node)').get()?.files, 1);

  fs.writeFileSync(join(again, 'through the other'), 'x');
  fs.renameSync(join(again, 'file'), join(again, 'renamed'));
  await service.sync();
  assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['again', 'original', 'original/renamed', 'original/through the other']);
});

withEveryWatcher('a directory above that is mounted in a root leads nowhere', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const { again, original } = fill(home);
  mountAgain(join(home, 'root'), again);
  fs.mkdirSync(join(original, 'deeper'));
  // With all that is mounted in it, and so itself.
  assert.equal(spawnSync('mount', ['--rbind', home, join(original, 'deeper')]).status, 0);
  const { service, reader } = await liveCatalogue(context, { watcher, home });
  await service.sync();
  assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['again', 'original', 'original/deeper', 'original/file']);
});

withEachWatcher(
  'of a file system that is mounted twice in a root, the older mount is entered until it is gone',
  async (context, watcher) => {
    if (skipWithoutMounts(context)) return;
    const home = mountingFolder(context);
    const { again, original } = fill(home);
    mountMemory(original);
    fs.writeFileSync(join(original, 'of the other'), 'x');
    mountAgain(original, again);
    const catalogue = await liveCatalogue(context, { watcher, home });
    const { service, reader } = catalogue;
    await service.sync();
    assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['again', 'original', 'original/of the other']);
    const before = lastEvent(reader);
    unmount(original);
    await until(() => parentOf(reader, 'of the other') === 'again');
    await service.sync();
    assertEqualsDisk(catalogue);
    const moved = eventsAfter(reader, before).filter(({ to, from }) => [to, from].includes('of the other'));
    assert.deepEqual(
      moved.map(({ kind }) => kind),
      ['moved'],
    );
  },
);

withEachWatcher('what is mounted in a root, or unmounted, is found', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const { again } = fill(home);
  const catalogue = await liveCatalogue(context, { watcher, home });
  const { service, reader } = catalogue;
  await service.sync();
  mountMemory(again);
  fs.writeFileSync(join(again, 'early'), 'x');
  await until(() => parentOf(reader, 'early') === 'again');
  fs.writeFileSync(join(again, 'late'), 'x');
  await service.sync();
  assertEqualsDisk(catalogue);
  unmount(again);
  await until(() => parentOf(reader, 'late') === undefined);
  fs.writeFileSync(join(again, 'below'), 'x');
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(gapsOf(reader), []);
});

withEveryWatcher('what the kernel makes up is not entered', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const { again } = fill(home);
  assert.equal(spawnSync('mount', ['-t', 'proc', 'proc', again]).status, 0);
  const { service, reader } = await liveCatalogue(context, { watcher, home });
  await service.sync();
  assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['again', 'original', 'original/file']);
});

withEachWatcher(
  'a file system that cannot be watched is compared at intervals, and that is said',
  async (context, watcher) => {
    if (skipWithoutMounts(context)) return;
    const home = mountingFolder(context);
    const { again } = fill(home);
    // It has no id of its own, without which it cannot be watched as a whole.
    assert.equal(spawnSync('mount', ['-t', 'ramfs', 'varve-test', again]).status, 0);
    fs.mkdirSync(join(again, 'deeper'));
    const catalogue = await liveCatalogue(context, { watcher, home });
    const { service, reader } = catalogue;
    await service.sync();
    assertEqualsDisk(catalogue);
    assert.deepEqual(gapsOf(reader), [{ root: 1, reason: 'not watchable', isOpen: true, found: 0 }]);
    assert.deepEqual(
      failuresOf(reader).map(({ code }) => code),
      ['WATCH_UNSUPPORTED'],
    );
    const unwatched = { root: catalogue.root, reason: 'not watchable', code: 'WATCH_UNSUPPORTED', directories: 2 };
    assert.deepEqual(service.state().unwatched, [unwatched]);
    fs.writeFileSync(join(again, 'deeper/file'), 'x');
    service.engine.compareUnwatched();
    await service.sync();
    assertEqualsDisk(catalogue);
    unmount(again);
    await until(() => gapsOf(reader).every(({ isOpen }) => !isOpen));
    assertEqualsDisk(catalogue);
    assert.deepEqual(service.state().unwatched, []);
  },
  ['fanotify'],
);

for (const where of ['of a root', 'in a root'] as const)
  withEachWatcher(`what is unmounted and mounted again before anybody looks is watched on: a disk ${where}`, async (context, watcher) => {
    if (skipWithoutMounts(context)) return;
    const image = ext4Image(context);
    if (image === undefined) return;
    fs.mkdirSync(join(image, 'inner'));
    const home = mountingFolder(context);
    const root = where === 'of a root' ? image : dirname(image);
    const catalogue = await liveCatalogue(context, { watcher, home, roots: [relative(home, root)] });
    await catalogue.service.sync();
    remountImage(image);
    await until(() => gapsOf(catalogue.reader).some(({ reason }) => reason === 'watch lost'));
    await catalogue.service.sync();
    fs.writeFileSync(join(image, 'inner/file'), 'x');
    await catalogue.service.sync();
    assert.equal(parentOf(catalogue.reader, 'file'), 'inner');
  });
