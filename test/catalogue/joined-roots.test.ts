import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { History } from '../../src/catalogue/history/history.ts';
import { nodeAt } from '../../src/catalogue/history/paths.ts';
import { versionsOf } from '../../src/catalogue/history/versions.ts';
import { unwatch } from '../../src/catalogue/unwatch.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { gapsOf } from '../support/catalogue-rows.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';

withEachWatcher('a folder that is watched takes the roots in it over, with their history', async (context, watcher) => {
  const first = await liveCatalogue(context, { watcher, roots: ['outer/a/inner', 'outer/other'] });
  const home = join(first.root, '../../..');
  const outer = join(home, 'outer');
  const file = join(outer, 'a/inner/file');
  await first.service.sync();
  fs.writeFileSync(file, 'one');
  await first.service.sync();
  const early = wallNs();
  await first.close();
  fs.writeFileSync(file, 'longer');
  fs.writeFileSync(join(outer, 'a/inner/found'), 'x');
  fs.writeFileSync(join(outer, 'a/beside'), 'x');
  const between = wallNs();

  const catalogue = await liveCatalogue(context, { watcher, home, roots: ['outer'] });
  const { service, reader } = catalogue;
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(service.engine.rootPaths(), [outer]);
  fs.writeFileSync(file, 'longer yet');
  fs.renameSync(join(outer, 'a/inner'), join(outer, 'moved'));
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.ok(gapsOf(reader).every(({ isOpen }) => !isOpen));

  const history = new History(reader);
  const sizeAt = (path: string, time: bigint) => nodeAt(history, nameFromText(join(outer, path)), time)?.state.size;
  assert.equal(sizeAt('a/inner/file', early), 3);
  assert.equal(sizeAt('a/inner/found', between), undefined);
  assert.equal(sizeAt('moved/file', wallNs()), 10);
  assert.deepEqual(
    versionsOf(history, nameFromText(join(outer, 'moved/file'))).map(({ kind, state }) => [kind, state?.size]),
    [
      ['modified', 10],
      ['modified', 6],
      ['created', 3],
    ],
  );
});

test('a folder that has taken a root over is taken out with it, and the root can be watched again', async (context) => {
  const inner = await liveCatalogue(context, { roots: ['outer/inner'] });
  const home = join(inner.root, '../..');
  fs.writeFileSync(join(inner.root, 'file'), 'one');
  await inner.service.sync();
  const early = wallNs();
  await inner.close();
  const outer = await liveCatalogue(context, { home, roots: ['outer'] });
  await outer.service.sync();
  await outer.close();
  const late = wallNs();
  takeOut(outer);

  const again = await liveCatalogue(context, { home, roots: ['outer/inner'] });
  await again.service.sync();
  assertEqualsDisk(again);
  assert.deepEqual(
    gapsOf(again.reader)
      .filter(({ isOpen }) => isOpen)
      .map(({ reason }) => reason),
    ['not watched'],
    'of the outer one',
  );
  assert.equal(walkCatalogue(again.reader).size, 1);
  const history = new History(again.reader);
  const path = nameFromText(join(inner.root, 'file'));
  assert.deepEqual(
    [early, late, wallNs()].map((time) => nodeAt(history, path, time)?.state.size),
    [3, 3, 3],
  );
});

test('what was found in a root is known since that was watched, also when it is a folder of another by now', async (context) => {
  const home = fs.realpathSync(scratchFolder(context));
  const file = join(home, 'outer/inner/file');
  fs.mkdirSync(join(file, '..'), { recursive: true });
  fs.writeFileSync(file, '1');
  const inner = await liveCatalogue(context, { home, roots: ['outer/inner'] });
  await inner.service.sync();
  await inner.close();
  const early = wallNs();
  const outer = await liveCatalogue(context, { home, roots: ['outer'] });
  await outer.service.sync();
  fs.writeFileSync(file, 'longer');
  await outer.service.sync();
  const [latest, found] = versionsOf(new History(outer.reader), nameFromText(file));
  assert.deepEqual([latest?.kind, found?.kind, found?.state?.size], ['modified', 'found', 1]);
  assert.ok(found !== undefined && found.time < early);
});

test('folders in one another that are named at once are one root', async (context) => {
  const catalogue = await liveCatalogue(context, { roots: ['root/inner', 'root'] });
  await catalogue.service.sync();
  assert.deepEqual(catalogue.service.engine.rootPaths(), [join(catalogue.root, '..')]);
});

function takeOut({ database, root }: LiveCatalogue): void {
  using writer = openForWriting(database);
  unwatch(writer, [nameFromText(root)], wallNs());
}
