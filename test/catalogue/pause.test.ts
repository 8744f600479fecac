import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameFromText, nameToBytes } from '../../src/base/names.ts';
import { withEveryWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';

const TAKEN_MS = 300;

withEveryWatcher('what waited during a pause may be gone behind it, and then nothing is waited for', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, service, reader } = catalogue;
  await service.sync();
  service.pause(true);
  fs.mkdirSync(join(root, 'folder'));
  while (service.state().toScan === 0) await sleep(5);
  fs.rmdirSync(join(root, 'folder'));
  fs.writeFileSync(join(root, 'later'), '');
  const named = reader.prepare('SELECT 1 FROM node WHERE name = ?');
  while (named.get(nameToBytes(nameFromText('later'))) === undefined) await sleep(5);
  const synced = service.sync();
  // All that the kernel has told is taken in by then: nothing else comes behind the pause that would show that there is nothing to wait for.
  await sleep(TAKEN_MS);
  service.pause(false);
  await synced;
  assertEqualsDisk(catalogue);
});
