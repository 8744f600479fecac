import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScanReply } from '../../src/catalogue/scan/messages.ts';
import { EVENT_KINDS, ORIGINS } from '../../src/catalogue/types.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { HeldListings, lists } from '../support/held-messages.ts';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { packTree } from '../support/packed-tree.ts';
import { sizeFromEnv } from '../support/random.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';

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

withEachWatcher(
  'whoever moves a folder into a root is told, also when something has happened in it before',
  async (context, watcher) => {
    if (skipUnless(context, isRoot, 'only root is told by the kernel who did it')) return;
    const { root, outside, service, reader } = await liveCatalogue(context, { watcher });
    await service.sync();
    mkdirSync(join(outside, 'folder'));
    await service.sync();
    writeFileSync(join(outside, 'folder/file'), '1');
    await service.sync();
    mkdirSync(join(root, 'here'));
    await service.sync();
    execFileSync('mv', [join(outside, 'folder'), join(root, 'here')]);
    await service.sync();
    const created = `SELECT process FROM event WHERE kind = ${EVENT_KINDS.indexOf('created')} AND toName = CAST('folder' AS BLOB)`;
    const events = reader.prepare(created).all();
    assert.equal(events.length, 1);
    assert.notEqual(events[0]?.process, null);
  },
  ['fanotify', 'fanotify-marks'],
);

withEachWatcher(
  'whoever makes and removes a file is not told to have removed the one that had its name and was gone before anybody watched',
  async (context, watcher) => {
    if (skipUnless(context, isRoot, 'only root is told by the kernel who did it')) return;
    const home = realpathSync(scratchFolder(context));
    const folders = ['a', 'b'].map((name) => join(home, 'root', name)) as [string, string];
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const locks = folders.map((folder) => join(folder, 'lock'));
    for (const lock of locks) writeFileSync(lock, '1');
    const before = await liveCatalogue(context, { watcher, home });
    await before.service.sync();
    await before.close();
    for (const lock of locks) rmSync(lock);

    // One of the two is listed, which finds its file gone, and the comparison goes on.
    const inodes = folders.map((folder) => statSync(folder, { bigint: true }).ino);
    const isSecond = (reply: ScanReply) => inodes.some((inode) => lists(reply, inode)) && listed++ > 0;
    let listed = 0;
    const listings = new HeldListings(context, isSecond);
    const { service, reader } = await liveCatalogue(context, { watcher, home, service: { scanBatchBytes: 1 } });
    await listings.until(1);
    execFileSync('sh', ['-c', 'for lock; do echo 1 > "$lock"; rm "$lock"; done', 'sh', ...locks]);
    await sleep(300);
    listings.release();
    await service.sync();
    const deleted = `SELECT process FROM event WHERE kind = ${EVENT_KINDS.indexOf('deleted')} AND origin = ${ORIGINS.indexOf('scan')}`;
    assert.ok(
      reader
        .prepare(deleted)
        .all()
        .every(({ process }) => process === null),
    );
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
