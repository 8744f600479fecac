import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EVENT_KINDS } from '../../src/catalogue/types.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { packTree } from '../support/packed-tree.ts';
import { sizeFromEnv } from '../support/random.ts';
import { skipUnless } from '../support/scratch.ts';

const DIRECTORIES = sizeFromEnv('VARVE_DIRECTORIES', 300);
const FILES = 300;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

withEachWatcher(
  'whoever removes folders with all that is in them is told with each that is gone',
  async (context, watcher) => {
    if (skipUnless(context, isRoot, 'only root is told by the kernel who did it')) return;
    const { root, service, reader } = await liveCatalogue(context, { watcher });
    await service.sync();
    const folders = Array.from({ length: 12 }, (_, number) => join(root, `folder ${number}`));
    for (const folder of folders) {
      mkdirSync(folder);
      for (let file = 0; file < FILES; file++) writeFileSync(join(folder, `${file}`), '1');
    }
    await service.sync();
    for (const folder of folders) execFileSync('rm', ['-rf', folder]);
    await service.sync();
    const deleted = `SELECT count(*) AS count FROM event WHERE kind = ${EVENT_KINDS.indexOf('deleted')}`;
    assert.equal(reader.prepare(deleted).get()?.count, folders.length * (1 + FILES));
    assert.equal(reader.prepare(`${deleted} AND process IS NULL`).get()?.count, 0);
  },
  ['fanotify', 'fanotify-marks'],
);

test('every file of a tree that a program unpacks is told with that program, also where a listing was quicker than the event', async (context) => {
  if (skipUnless(context, isRoot, 'only root is told by the kernel who did it')) return;
  const { root, outside, service, reader } = await liveCatalogue(context, { watcher: 'fanotify' });
  await service.sync();
  const archive = packTree(outside, DIRECTORIES);
  execFileSync('tar', ['-xf', archive, '-C', root]);
  await service.sync();
  const created = `SELECT count(*) AS count FROM event WHERE kind = ${EVENT_KINDS.indexOf('created')}`;
  assert.equal(reader.prepare(created).get()?.count, 1 + DIRECTORIES * 7);
  assert.equal(reader.prepare(`${created} AND process IS NULL`).get()?.count, 0);
});
