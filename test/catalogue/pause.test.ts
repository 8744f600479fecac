import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventReader } from '../../src/catalogue/history/events.ts';
import { History } from '../../src/catalogue/history/history.ts';
import { wallNs } from '../../src/sys/clock.ts';
import { withEveryWatcher } from '../support/each-watcher.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';

const TAKEN_MS = 300;

withEveryWatcher('during a pause it is told as ever what happens, in new folders too, and what goes', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, service, reader } = catalogue;
  fs.writeFileSync(join(root, 'old'), '');
  await service.sync();
  service.pause(true);
  fs.mkdirSync(join(root, 'folder/inner'), { recursive: true });
  fs.writeFileSync(join(root, 'folder/inner/file'), '');
  fs.rmSync(join(root, 'old'));
  await service.sync();
  assertEqualsDisk(catalogue);
  const events = [...new EventReader(new History(reader), {}).newest(10)];
  assert.ok(events.some(({ kind, path }) => kind === 'deleted' && path?.endsWith('/old')));
  service.pause(false);
  await service.sync();
  assertEqualsDisk(catalogue);
});

withEveryWatcher('a comparison waits until a pause is over, and new folders for nothing', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, service } = catalogue;
  await service.sync();
  service.pause(true);
  service.engine.compareAll('overflow', wallNs());
  fs.mkdirSync(join(root, 'folder'));
  fs.writeFileSync(join(root, 'folder/file'), '');
  let isSynced = false;
  const synced = service.sync().then(() => {
    isSynced = true;
  });
  await sleep(TAKEN_MS);
  assert.equal(isSynced, false);
  assert.equal(service.state().isScanning, true);
  service.pause(false);
  await synced;
  assertEqualsDisk(catalogue);
});
