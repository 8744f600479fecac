/** What differs where changes are told by Node alone, whose keys are paths and which does not say what it has lost. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventsAfter, failuresOf, gapsOf, lastEvent } from '../support/catalogue-rows.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { until } from '../support/until.ts';

test('changes are told as they happen, and a gap is open all the time', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'node' });
  const { root, service, reader } = catalogue;
  await service.sync();
  assert.equal(service.watcherKind, 'node');
  fs.mkdirSync(join(root, 'directory'));
  fs.writeFileSync(join(root, 'directory/file'), 'x');
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(
    eventsAfter(reader, 0).map(({ origin }) => origin),
    ['live', 'live'],
  );
  assert.deepEqual(
    gapsOf(reader).map(({ reason, isOpen }) => ({ reason, isOpen })),
    [{ reason: 'loss untold', isOpen: true }],
  );
  assert.deepEqual(failuresOf(reader), []);
});

test('what it did not tell is found by comparing at intervals, and no save relies on it', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'node' });
  const { root, outside, service } = catalogue;
  fs.writeFileSync(join(root, 'file'), 'x');
  fs.linkSync(join(root, 'file'), join(outside, 'link'));
  await service.sync();
  // Through a link that nobody watches.
  fs.appendFileSync(join(outside, 'link'), 'more');
  service.engine.compareUnwatched();
  const { unwatched } = await service.sync();
  assertEqualsDisk(catalogue);
  assert.ok(unwatched.some((path) => path === root));
});

test('a directory that moves is the same, and what happens in it afterwards is told', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'node' });
  const { root, service, reader } = catalogue;
  fs.mkdirSync(join(root, 'a/b/c'), { recursive: true });
  await service.sync();
  const last = lastEvent(reader);
  // Under the old path by the time that it is told.
  fs.writeFileSync(join(root, 'a/b/c/early'), '');
  fs.renameSync(join(root, 'a'), join(root, 'z'));
  await service.sync();
  assertEqualsDisk(catalogue);
  fs.writeFileSync(join(root, 'z/b/c/late'), '');
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(
    eventsAfter(reader, last)
      .map(({ kind, to }) => `${kind} ${to}`)
      .toSorted(),
    ['created early', 'created late', 'moved z'],
  );
});

test('a root that is removed and made anew is watched again', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'node' });
  const { root, service, reader } = catalogue;
  await service.sync();
  const gone = () => gapsOf(reader).filter(({ reason }) => reason === 'root gone');
  fs.rmdirSync(root);
  await until(() => gone().length > 0);
  fs.mkdirSync(root);
  fs.writeFileSync(join(root, 'first'), '1');
  await until(() => gone().every(({ isOpen }) => !isOpen));
  fs.writeFileSync(join(root, 'second'), '2');
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.equal(eventsAfter(reader, 0).at(-1)?.origin, 'live');
});

test('a directory that has left and come back before anybody looked is watched again', async (context) => {
  const catalogue = await liveCatalogue(context, { watcher: 'node' });
  const { root, service } = catalogue;
  fs.mkdirSync(join(root, 'a/b'), { recursive: true });
  await service.sync();
  fs.renameSync(join(root, 'a'), join(root, 'z'));
  // The catalogue, in this thread, does not look meanwhile; its watcher does, and gives up what is no longer there.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  fs.renameSync(join(root, 'z'), join(root, 'a'));
  await service.sync();
  for (const path of ['a/file', 'a/b/file']) fs.writeFileSync(join(root, path), '');
  await service.sync();
  assertEqualsDisk(catalogue);
});
