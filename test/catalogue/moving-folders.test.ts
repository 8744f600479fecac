import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blake3 } from '../../src/hash/blake3.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { until } from '../support/until.ts';

const FOLDERS = 8;
/** Longer than files have to be quiet before they are read. */
const MOVING_MS = 3500;

/** Renames the folders of a folder without rest until it is killed: `node -e … FOLDER`. */
const MOVER = `const { readdirSync, renameSync } = require('node:fs');
for (let i = 0; ; i++) for (const name of readdirSync(process.argv[1])) renameSync(process.argv[1] + '/' + name, process.argv[1] + '/' + name.split('-')[0] + '-' + i);`;

withEachWatcher('files are read also when their folders are moved all the time while they wait for that', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher, service: { keep: { hash: blake3 } } });
  const { root, service, reader } = catalogue;
  await service.sync();
  for (let i = 0; i < FOLDERS; i++) {
    mkdirSync(join(root, `${i}-0`));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, `${i}-0`, name), `${name} in ${i}`);
  }
  const mover = spawn(process.execPath, ['-e', MOVER, root], { stdio: 'inherit' });
  const ended = once(mover, 'exit');
  await sleep(MOVING_MS);
  mover.kill('SIGKILL');
  await ended;
  await service.sync();
  assertEqualsDisk(catalogue);
  await until(() => service.keeping?.isIdle === true);
  assert.equal(reader.prepare('SELECT count(*) AS count FROM node WHERE kind = 8 AND digest IS NULL').get()?.count, 0);
});
