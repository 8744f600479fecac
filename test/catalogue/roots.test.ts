import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { system } from '../../src/sys/system.ts';
import { eventsAfter, gapsOf, lastEvent } from '../support/catalogue-rows.ts';
import { withEachWatcher, withEveryWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { mountAgain, mountingFolder, mountMemory, mountOverlay, skipWithoutMounts, unmount } from '../support/mounts.ts';
import { until } from '../support/until.ts';

const GONE = { reason: 'root gone', isOpen: true };

/** The gaps of the one root, without what they found. */
function gaps({ reader }: LiveCatalogue): { reason: string; isOpen: boolean }[] {
  return gapsOf(reader).map(({ reason, isOpen }) => ({ reason, isOpen }));
}

withEachWatcher(
  'a root that is moved away loses nothing, and what changed meanwhile is found when it is back',
  async (context, watcher) => {
    const catalogue = await liveCatalogue(context, { watcher });
    const { root, outside, service, reader } = catalogue;
    fs.mkdirSync(join(root, 'directory'));
    for (const name of ['kept', 'renamed', 'directory/removed']) fs.writeFileSync(join(root, name), name);
    await service.sync();
    const known = walkCatalogue(reader);
    const before = lastEvent(reader);

    const away = join(outside, 'away');
    fs.renameSync(root, away);
    await service.sync();
    await until(() => gaps(catalogue).length > 0);
    assert.deepEqual(gaps(catalogue), [GONE]);
    fs.renameSync(join(away, 'renamed'), join(away, 'directory/new name'));
    fs.rmSync(join(away, 'directory/removed'));
    await service.sync();
    assert.deepEqual(walkCatalogue(reader), known);
    assert.deepEqual(eventsAfter(reader, before), []);

    fs.renameSync(away, root);
    await until(() => gapsOf(reader).every(({ isOpen }) => !isOpen));
    await service.sync();
    assertEqualsDisk(catalogue);
    assert.deepEqual(gapsOf(reader), [{ root: 1, reason: 'root gone', isOpen: false, found: 2 }]);
    assert.deepEqual(
      eventsAfter(reader, before)
        .map(({ kind, origin, from }) => `${kind} ${from} ${origin}`)
        .sort(),
      ['deleted removed scan', 'moved renamed scan'],
    );
    fs.writeFileSync(join(root, 'directory/watched'), 'again');
    await service.sync();
    assertEqualsDisk(catalogue);
  },
);

withEachWatcher('a root that is removed and made anew is the same root', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, service, reader } = catalogue;
  await service.sync();
  fs.rmdirSync(root);
  await until(() => gapsOf(reader).length > 0);
  fs.mkdirSync(root);
  fs.writeFileSync(join(root, 'first'), '1');
  await until(() => gapsOf(reader).every(({ isOpen }) => !isOpen));
  fs.writeFileSync(join(root, 'second'), '2');
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(gaps(catalogue), [{ reason: 'root gone', isOpen: false }]);
});

withEachWatcher('a root whose parent is moved away is gone too', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher, roots: ['outer/root'] });
  const { root, outside, service, reader } = catalogue;
  fs.writeFileSync(join(root, 'file'), 'x');
  await service.sync();
  const before = lastEvent(reader);
  const outer = join(root, '..');
  fs.renameSync(outer, join(outside, 'outer'));
  await until(() => gapsOf(reader).length > 0);
  fs.rmSync(join(outside, 'outer/root/file'));
  await service.sync();
  assert.deepEqual(eventsAfter(reader, before), []);
  fs.renameSync(join(outside, 'outer'), outer);
  await until(() => gapsOf(reader).every(({ isOpen }) => !isOpen));
  assertEqualsDisk(catalogue);
});

withEveryWatcher('a folder that changes places with a root is this root from then on', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, outside, service, reader } = catalogue;
  for (const folder of [root, outside]) fs.writeFileSync(join(folder, `in ${basename(folder)}`), 'x');
  await service.sync();
  using above = system().openDirectory(nameFromText(join(root, '..')));
  above.rename(nameFromText('root'), above, nameFromText('outside'), 'exchange');
  await until(() => gapsOf(reader).some(({ isOpen }) => !isOpen));
  fs.writeFileSync(join(root, 'new'), 'x');
  fs.writeFileSync(join(outside, 'of no concern'), 'x');
  await service.sync();
  assertEqualsDisk(catalogue);
});

withEachWatcher('nothing is deleted when the file system of a root is unmounted', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const [root, elsewhere] = [join(home, 'root'), join(home, 'elsewhere')] as const;
  for (const path of [root, elsewhere]) fs.mkdirSync(path);
  mountMemory(root);
  // Keeps the file system alive, as a disk would be.
  mountAgain(root, elsewhere);
  fs.mkdirSync(join(root, 'directory'));
  for (const name of ['changed', 'directory/removed']) fs.writeFileSync(join(root, name), name);
  const catalogue = await liveCatalogue(context, { watcher, home });
  const { service, reader } = catalogue;
  await service.sync();
  const known = walkCatalogue(reader);
  const before = lastEvent(reader);

  unmount(root);
  await until(() => gapsOf(reader).length > 0);
  await service.sync();
  assert.deepEqual(gaps(catalogue), [GONE]);
  assert.deepEqual(walkCatalogue(reader), known);
  assert.deepEqual(eventsAfter(reader, before), []);

  fs.appendFileSync(join(elsewhere, 'changed'), 'more');
  fs.rmSync(join(elsewhere, 'directory/removed'));
  mountAgain(elsewhere, root);
  await until(() => gapsOf(reader).every(({ isOpen }) => !isOpen));
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(
    eventsAfter(reader, before)
      .map(({ kind, from }) => [kind, from])
      .sort(),
    [
      ['deleted', 'removed'],
      ['modified', undefined],
    ],
  );
  fs.writeFileSync(join(root, 'directory/watched'), 'again');
  await service.sync();
  assertEqualsDisk(catalogue);
});

withEachWatcher('nothing is deleted when a start finds the file system of a root not mounted yet', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const [root, elsewhere] = [join(home, 'root'), join(home, 'elsewhere')] as const;
  for (const path of [root, elsewhere]) fs.mkdirSync(path);
  // What somebody has left in the folder below it.
  fs.writeFileSync(join(root, 'not mounted'), '');
  mountMemory(root);
  mountAgain(root, elsewhere);
  fs.writeFileSync(join(root, 'file'), '');
  const first = await liveCatalogue(context, { watcher, home });
  await first.service.sync();
  await first.close();
  unmount(root);

  const catalogue = await liveCatalogue(context, { watcher, home });
  await catalogue.service.sync();
  assert.deepEqual([...walkCatalogue(catalogue.reader).keys()], ['file']);
  assert.deepEqual(eventsAfter(catalogue.reader, 0), []);
  mountAgain(elsewhere, root);
  await until(() => gapsOf(catalogue.reader).every(({ isOpen }) => !isOpen));
  await catalogue.service.sync();
  assertEqualsDisk(catalogue);
});

withEachWatcher('another disk in the place of a root is this root from then on', async (context, watcher) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const root = join(home, 'root');
  fs.mkdirSync(root);
  mountMemory(root);
  fs.writeFileSync(join(root, 'old'), '');
  const catalogue = await liveCatalogue(context, { watcher, home });
  await catalogue.service.sync();
  unmount(root);
  await until(() => gapsOf(catalogue.reader).length > 0);
  mountMemory(root);
  fs.writeFileSync(join(root, 'new'), '');
  await until(() => gapsOf(catalogue.reader).every(({ isOpen }) => !isOpen));
  await catalogue.service.sync();
  assertEqualsDisk(catalogue);
});

withEveryWatcher('the home of Varve inside of a root is shown, and what happens in it is not', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher, own: 'root/home' });
  const { root, service, reader } = catalogue;
  await service.sync();
  for (let round = 0; round < 5; round++) {
    fs.writeFileSync(join(root, `file ${round}`), 'x');
    fs.writeFileSync(join(root, `home/own ${round}`), 'x');
    await service.sync();
  }
  const events = lastEvent(reader);
  assert.deepEqual(
    eventsAfter(reader, 0).map(({ kind, to }) => `${kind} ${to}`),
    [0, 1, 2, 3, 4].map((round) => `created file ${round}`),
  );
  // A loop would show as events, or as a sync that never ends.
  for (let round = 0; round < 20; round++) await service.sync();
  assert.equal(lastEvent(reader), events);
  assert.deepEqual([...walkCatalogue(reader).keys()].sort(), ['file 0', 'file 1', 'file 2', 'file 3', 'file 4', 'home']);
});

withEveryWatcher('a file that goes from one root to another has moved', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher, roots: ['root', 'second'] });
  const { root, service, reader } = catalogue;
  const second = join(root, '../second');
  fs.mkdirSync(join(root, 'directory'));
  fs.writeFileSync(join(root, 'directory/file'), 'x');
  await service.sync();
  const before = lastEvent(reader);
  fs.renameSync(join(root, 'directory'), join(second, 'directory'));
  await service.sync();
  assert.deepEqual(
    eventsAfter(reader, before).map(({ kind, to }) => [kind, to]),
    [['moved', 'directory']],
  );
  fs.appendFileSync(join(second, 'directory/file'), 'more');
  await service.sync();
  assert.deepEqual(
    eventsAfter(reader, before + 1).map(({ kind }) => kind),
    ['modified'],
  );
});

test('a folder in a root is watched already', async (context) => {
  const { service, root, reader } = await liveCatalogue(context);
  fs.mkdirSync(join(root, 'inner'));
  await service.sync();
  const { roots } = service.engine;
  roots.add(nameFromText(join(root, 'inner')), true);
  roots.add(nameFromText(root), true);
  assert.equal(reader.prepare('SELECT count(*) AS count FROM root').get()?.count, 1);
});

test('a start that names no folder watches those that are known as one that names them', async (context) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const [root, parts] = [join(home, 'root'), join(home, 'parts')] as const;
  for (const path of [root, parts]) fs.mkdirSync(path);
  mountOverlay(root, parts);
  const first = await liveCatalogue(context, { home });
  await first.service.sync();
  const { watcherKind } = first.service;
  await first.close();
  const again = await liveCatalogue(context, { home, roots: [] });
  await again.service.sync();
  assert.equal(again.service.watcherKind, watcherKind);
  assert.deepEqual(again.service.state().unwatched, []);
});
