import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ByteName, nameFromText } from '../../src/base/names.ts';
import { openForWriting } from '../../src/catalogue/database.ts';
import { blame } from '../../src/catalogue/history/blame.ts';
import type { NotWatchedThenError } from '../../src/catalogue/history/errors.ts';
import { History } from '../../src/catalogue/history/history.ts';
import { gapAt } from '../../src/catalogue/history/journals.ts';
import { momentOf } from '../../src/catalogue/history/moments.ts';
import { nodeAt, resolvePath, rootsOf } from '../../src/catalogue/history/paths.ts';
import { rotate } from '../../src/catalogue/history/rotate.ts';
import { sizesOf } from '../../src/catalogue/history/sizes.ts';
import { versionsOf } from '../../src/catalogue/history/versions.ts';
import type { CatalogueNode } from '../../src/catalogue/types.ts';
import { NotARootError, unwatch } from '../../src/catalogue/unwatch.ts';
import { Writer } from '../../src/catalogue/write/writer.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { eventsAfter, gapsOf, lastEvent } from '../support/catalogue-rows.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue, walkCatalogue } from '../support/live-catalogue.ts';
import { scratchFolder } from '../support/scratch.ts';

/** Ends the watch of `path`, while no service is at work. */
function endWatch({ database }: Pick<LiveCatalogue, 'database'>, ...paths: string[]): bigint {
  using writer = openForWriting(database);
  const time = wallNs();
  unwatch(writer, paths.map(nameFromText), time);
  return time;
}

withEachWatcher('a root that is taken out is not watched any more, nor by a later start, and the others are', async (context, watcher) => {
  const first = await liveCatalogue(context, { watcher, roots: ['stays', 'goes'] });
  const home = join(first.root, '..');
  const goes = join(home, 'goes');
  fs.mkdirSync(join(goes, 'folder'));
  fs.writeFileSync(join(goes, 'folder/file'), 'one');
  await first.service.sync();
  await first.close();
  endWatch(first, goes);

  for (const round of ['next', 'later']) {
    const catalogue = await liveCatalogue(context, { watcher, home, roots: ['stays'] });
    const { service, reader, root } = catalogue;
    const before = lastEvent(reader);
    fs.writeFileSync(join(goes, 'folder', round), 'of no concern');
    fs.writeFileSync(join(root, round), 'x');
    await service.sync();
    assertEqualsDisk(catalogue);
    assert.deepEqual(
      eventsAfter(reader, before).map(({ kind, to }) => `${kind} ${to}`),
      [`created ${round}`],
    );
    assert.deepEqual(service.engine.rootPaths(), [root]);
    await catalogue.close();
  }
});

test('what was known of a root that is taken out stays known, and it is not said that it was deleted', async (context) => {
  const catalogue = await liveCatalogue(context, { roots: ['stays', 'goes'] });
  const goes = join(catalogue.root, '../goes');
  await catalogue.service.sync();
  const file = nameFromText(join(goes, 'file'));
  fs.writeFileSync(join(goes, 'file'), 'one');
  await catalogue.service.sync();
  const early = wallNs();
  fs.writeFileSync(join(goes, 'file'), 'longer');
  await catalogue.service.sync();
  await catalogue.close();
  const late = wallNs();
  const end = endWatch(catalogue, goes);

  const { reader } = await liveCatalogue(context, { home: join(catalogue.root, '..'), roots: ['stays'] });
  const history = new History(reader);
  const sizeAt = (time: bigint) => nodeAt(history, file, time)?.state.size;
  assert.deepEqual([early, late].map(sizeAt), [3, 6]);
  assert.throws(() => sizeAt(end), { code: 'NOT_WATCHED_THEN', since: end, until: undefined });
  assert.deepEqual(
    versionsOf(history, file).map(({ kind, state }) => [kind, state?.size]),
    [
      ['unwatched', undefined],
      ['modified', 6],
      ['created', 3],
    ],
  );
  assert.equal(gapAt(history, file, wallNs())?.reason, 'not watched');
  assert.equal(momentOf(reader, end), lastEvent(reader));
  const [{ counts, addedBytes, removedBytes } = assert.fail()] = blame(history, { path: nameFromText(goes) });
  assert.deepEqual([counts.unwatched, addedBytes, removedBytes], [2, 6, 0]);
  assert.throws(() => resolvePath(history, file), { code: 'NOT_WATCHED' });
});

test('a root that is taken out does not cast doubt upon one in it that is watched since', async (context) => {
  const first = await liveCatalogue(context, { roots: ['outer'] });
  const home = join(first.root, '..');
  fs.mkdirSync(join(home, 'outer/inner'));
  await first.service.sync();
  await first.close();
  endWatch(first, join(home, 'outer'));
  const between = wallNs();

  const { reader, service } = await liveCatalogue(context, { home, roots: ['outer/inner'] });
  await service.sync();
  const history = new History(reader);
  const reasonAt = (path: string, time: bigint) => gapAt(history, nameFromText(join(home, path)), time)?.reason;
  assert.notEqual(reasonAt('outer/inner/file', wallNs()), 'not watched');
  assert.equal(reasonAt('outer/inner/file', between), 'not watched');
  assert.equal(reasonAt('outer/file', wallNs()), 'not watched');
});

test('a root that is watched again goes on with its history, and was not there in between', async (context) => {
  const first = await liveCatalogue(context, { roots: ['stays', 'goes'] });
  const home = join(first.root, '..');
  const file = join(home, 'goes/file');
  fs.writeFileSync(file, 'one');
  await first.service.sync();
  await first.close();
  const before = wallNs();
  const end = endWatch(first, join(home, 'goes'));
  fs.writeFileSync(file, 'longer');

  const again = await liveCatalogue(context, { home, roots: ['goes', 'stays'] });
  await again.service.sync();
  const history = new History(again.reader);
  const sizeAt = (time: bigint) => nodeAt(history, nameFromText(file), time)?.state.size;
  assert.deepEqual([before, wallNs()].map(sizeAt), [3, 6]);
  assert.throws(
    () => sizeAt(end),
    ({ code, since, until }: NotWatchedThenError) => code === 'NOT_WATCHED_THEN' && since === end && until !== undefined && until > end,
  );
  assert.deepEqual(
    gapsOf(again.reader)
      .filter(({ reason }) => reason === 'not watched')
      .map(({ isOpen }) => isOpen),
    [false],
  );
  assert.equal(walkCatalogue(again.reader).get('file' as ByteName)?.node.size, 6);
});

test('a path that is no root is refused, and nothing is changed', async (context) => {
  const catalogue = await liveCatalogue(context);
  fs.mkdirSync(join(catalogue.root, 'inner'));
  await catalogue.service.sync();
  await catalogue.close();
  assert.throws(() => endWatch(catalogue, catalogue.root, join(catalogue.root, 'inner')), NotARootError);
  const next = await liveCatalogue(context, { home: join(catalogue.root, '..') });
  assert.deepEqual(next.service.engine.rootPaths(), [nameFromText(catalogue.root)]);
  await next.service.sync();
  assertEqualsDisk(next);
});

test('what files held last is kept through a rotation, whatever its rule for contents says', async (context) => {
  const catalogue = await liveCatalogue(context);
  fs.writeFileSync(join(catalogue.root, 'file'), 'one');
  await catalogue.service.sync();
  await catalogue.close();
  using database = openForWriting(catalogue.database);
  const writer = new Writer(database);
  const digest = new Uint8Array(34).fill(7);
  const node = database.prepare('SELECT id FROM node WHERE kind = 8').get()?.id;
  writer.transact(() => writer.setDigest(writer.rows.get(Number(node)) as CatalogueNode, digest, { origin: 'scan', time: 1n }, 'seen'));
  database.prepare('INSERT INTO content VALUES (?, 3, ?, 1)').run(digest, Buffer.from('ref'));
  unwatch(database, [nameFromText(catalogue.root)], wallNs());
  for (const _ of rotate(database, { contents: { age: 0n, versions: 1 } }, wallNs() + 1n));
  assert.equal(database.prepare('SELECT count(*) AS count FROM content').get()?.count, 1);
});

test('a folder in one that was watched before has a past of its own, which begins when it is watched', async (context) => {
  const home = fs.realpathSync(scratchFolder(context));
  const inner = join(home, 'outer/inner');
  fs.mkdirSync(inner, { recursive: true });
  fs.writeFileSync(join(inner, 'file'), '1');
  const first = await liveCatalogue(context, { home, roots: ['outer'] });
  await first.service.sync();
  await first.close();
  const early = wallNs();
  const end = endWatch(first, first.root);
  fs.writeFileSync(join(inner, 'file'), 'longer');
  fs.writeFileSync(join(inner, 'new'), 'x');

  const { reader, service } = await liveCatalogue(context, { home, roots: ['outer/inner'] });
  await service.sync();
  const late = wallNs();
  const history = new History(reader);
  const [file, fresh, folder] = ['file', 'new', ''].map((name) => nameFromText(join(inner, name))) as [ByteName, ByteName, ByteName];
  const { added } = rootsOf(history).find(({ path }) => path === nameFromText(inner)) ?? assert.fail();
  assert.ok(added > end);
  assert.deepEqual(
    versionsOf(history, file).map(({ kind, state }) => [kind, state?.size]),
    [
      ['found', 6],
      ['unwatched', undefined],
      ['found', 1],
    ],
  );
  assert.deepEqual(
    [file, fresh].map((path) => versionsOf(history, path)[0]?.time),
    [added, added],
  );
  const sizesUntilEarly = (path: ByteName) => versionsOf(history, path, { until: momentOf(reader, early) }).map(({ state }) => state?.size);
  assert.deepEqual([file, fresh].map(sizesUntilEarly), [[1], []]);
  const sizeAt = (time: bigint) => nodeAt(history, file, time)?.state.size;
  assert.deepEqual([early, late].map(sizeAt), [1, 6]);
  assert.throws(() => sizeAt(end), { code: 'NOT_WATCHED_THEN', since: end, until: added });
  assert.deepEqual(
    sizesOf(history, folder, [early, end, late]).map(({ time, size, files }) => [time, size, files]),
    [
      [early, 1, 1],
      [late, 7, 2],
    ],
  );
});
