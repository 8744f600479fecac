/** Sparse files that say to be larger than a disk: what they add up to is more than a number holds, and more than one of SQLite's. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nameFromText } from '../../src/base/names.ts';
import { checkCatalogue } from '../../src/catalogue/check/check.ts';
import { figuresOf } from '../../src/catalogue/figures.ts';
import { History } from '../../src/catalogue/history/history.ts';
import { sizesOf } from '../../src/catalogue/history/sizes.ts';
import { TreeNow } from '../../src/catalogue/questions/usage.ts';
import { usageBy } from '../../src/catalogue/questions/usage-by.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { mountingFolder, mountMemory, skipWithoutMounts } from '../support/mounts.ts';

const PEBIBYTE = 2 ** 50;

test('sums of directories are right whatever their files say to be as large as, and when those are gone', async (context) => {
  if (skipWithoutMounts(context)) return;
  const home = mountingFolder(context);
  const root = join(home, 'root');
  fs.mkdirSync(root);
  mountMemory(root);
  const make = (name: string, size: string) => {
    fs.mkdirSync(join(root, name, '..'), { recursive: true });
    // Node's own takes no more than a number holds.
    assert.equal(spawnSync('truncate', ['--size', size, join(root, name)]).status, 0);
  };
  // Those that a first scan finds, and those that events tell of; odd sizes are lost where sums are not exact.
  make('found/9 PiB', '9P');
  make('found/odd', '4097');
  const catalogue = await liveCatalogue(context, { home });
  const { service, reader } = catalogue;
  await service.sync();
  make('told/deep/9 PiB', '9P');
  make('told/deep/1 B', '1');
  await service.sync();
  assertEqualsDisk(catalogue);
  const bytes = () => figuresOf(reader).map((figures) => figures.bytes);
  assert.deepEqual(bytes(), [18 * PEBIBYTE + 4098]);
  const top = Number(reader.prepare('SELECT node FROM root').get()?.node);
  assert.equal(new TreeNow(reader).sumsOf(top).size, 18 * PEBIBYTE + 4098);
  assert.equal(usageBy(reader, top, 'owner', wallNs())[0]?.size, 18 * PEBIBYTE + 4098);
  assert.equal(sizesOf(new History(reader), nameFromText(root), [wallNs()])[0]?.size, 18 * PEBIBYTE + 4098);

  fs.renameSync(join(root, 'told/deep'), join(root, 'found/deep'));
  // Together they are beyond 2⁶³.
  for (const name of ['a', 'b']) make(name, '7E');
  await service.sync();
  checkCatalogue(reader, ({ problem }) => assert.fail(problem));
  for (const name of ['a', 'b', 'found/9 PiB', 'found/deep/9 PiB']) fs.rmSync(join(root, name));
  await service.sync();
  assertEqualsDisk(catalogue);
  assert.deepEqual(bytes(), [4098]);
});
