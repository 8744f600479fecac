import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameFromText } from '../../src/base/names.ts';
import type { LinuxDirectory } from '../../src/sys/linux/directory.ts';
import { system } from '../../src/sys/system.ts';
import { type HandleKey, keyOfDirectory } from '../../src/sys/watch/file-handle.ts';
import { withEachWatcher } from '../support/each-watcher.ts';
import { halt } from '../support/halt.ts';
import { toldEvents } from '../support/held-messages.ts';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { sizeFromEnv } from '../support/random.ts';
import { skipUnless } from '../support/scratch.ts';
import { startChurning } from '../support/start-churning.ts';

const MOVES = sizeFromEnv('VARVE_MOVES', 8);
const FILES = 2000;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test('of what other programs do in folders that nobody watches, the watching thread tells no names', async (context) => {
  if (skipUnless(context, isRoot, 'whole file systems are watched by the privileged alone')) return;
  const { outside, service } = await liveCatalogue(context, { watcher: 'fanotify' });
  await service.sync();
  writeFileSync(join(outside, 'first'), '');
  await service.sync();
  const told = toldEvents(context);
  for (let i = 0; i < FILES; i++) writeFileSync(join(outside, `${i}`), '');
  await service.sync();
  using directory = system().openDirectory(nameFromText(outside)) as LinuxDirectory;
  const { key } = keyOfDirectory(directory.handle) as HandleKey;
  // Other programs of the machine do something as well.
  const names = told.flatMap(({ batch }) => batch.events.filter((event) => event.directory === key));
  assert.deepEqual(names, []);
  assert.ok(
    told.some(({ foreign }) => foreign.includes(key)),
    'that something has happened is told',
  );
});

withEachWatcher('a folder that comes into a root while others write in it, and goes again, is known as it is', async (context, watcher) => {
  const catalogue = await liveCatalogue(context, { watcher });
  const { root, outside, service } = catalogue;
  const folder = join(outside, 'folder');
  mkdirSync(folder);
  const churn = await startChurning(context, folder);
  await service.sync();
  for (let move = 0; move < MOVES; move++) {
    churn.kill('SIGCONT');
    await sleep(100);
    const [from, to] = move % 2 === 0 ? [outside, root] : [root, outside];
    renameSync(join(from, 'folder'), join(to, 'folder'));
    await sleep(100);
    await halt(churn);
    await service.sync();
    assertEqualsDisk(catalogue);
  }
});
