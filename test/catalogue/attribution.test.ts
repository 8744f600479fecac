import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { EVENT_KINDS } from '../../src/catalogue/types.ts';
import { liveCatalogue } from '../support/live-catalogue.ts';
import { packTree } from '../support/packed-tree.ts';
import { sizeFromEnv } from '../support/random.ts';
import { skipUnless } from '../support/scratch.ts';

const DIRECTORIES = sizeFromEnv('VARVE_DIRECTORIES', 300);

test('every file of a tree that a program unpacks is told with that program, also where a listing was quicker than the event', async (context) => {
  if (skipUnless(context, process.platform === 'linux' && process.getuid?.() === 0, 'only root is told by the kernel who did it')) return;
  const { root, outside, service, reader } = await liveCatalogue(context, { watcher: 'fanotify' });
  await service.sync();
  const archive = packTree(outside, DIRECTORIES);
  execFileSync('tar', ['-xf', archive, '-C', root]);
  await service.sync();
  const created = `SELECT count(*) AS count FROM event WHERE kind = ${EVENT_KINDS.indexOf('created')}`;
  assert.equal(reader.prepare(created).get()?.count, 1 + DIRECTORIES * 7);
  assert.equal(reader.prepare(`${created} AND process IS NULL`).get()?.count, 0);
});
