import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { scratchFolder, skipUnless } from '../../../../test/support/scratch.ts';
import { nameFromText } from '../../../base/names.ts';
import { system } from '../../system.ts';
import { openWatcher } from '../open.ts';
import { WatchThread } from './watch-thread.ts';

/** Far longer than a wait in the kernel. */
const AMPLE_MS = 20_000;

test('a thread that dies of something while its watching thread waits in the kernel ends, although nothing happens in what is watched', {
  timeout: AMPLE_MS,
}, async (context) => {
  if (skipUnless(context, system().capabilities.implementation === 'linux', 'elsewhere nothing waits in the kernel')) return;
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    (async () => {
      const [{ openWatcher }, { WatchThread }, { system }] = await Promise.all(workerData.modules.map((url) => import(url)));
      const { watcher } = openWatcher([system().openDirectory(workerData.folder)], 'inotify');
      new WatchThread(watcher, () => {}, () => {});
      setTimeout(() => { throw new Error('it dies'); }, 500);
    })();`;
  const modules = ['../open.ts', './watch-thread.ts', '../../system.ts'].map((path) => new URL(path, import.meta.url).href);
  const thread = new Worker(source, { eval: true, workerData: { modules, folder: nameFromText(scratchFolder(context)) } });
  const exit = new Promise((resolve) => thread.once('exit', resolve));
  const [error] = (await once(thread, 'error')) as [Error];
  assert.equal(error.message, 'it dies');
  await exit;
});

test('a thread that is held gathers what the kernel tells, and passes it on when it is let go', { timeout: AMPLE_MS }, async (context) => {
  if (skipUnless(context, system().capabilities.implementation === 'linux', 'elsewhere no kernel queue is read')) return;
  const folder = scratchFolder(context);
  using directory = system().openDirectory(nameFromText(folder));
  const { watcher } = openWatcher([directory], 'inotify');
  const names: string[][] = [];
  let synced = 0;
  let onMessage = () => {};
  const thread = new WatchThread(
    watcher,
    (message) => {
      names.push(message.batch.events.map(({ name }) => name));
      synced = message.synced;
      onMessage();
    },
    (error) => assert.fail(error as Error),
  );
  context.after(async () => {
    await thread.close();
    watcher.close();
  });
  const settled = async () => {
    const asked = thread.askForSync();
    while (synced < asked) await new Promise<void>((resolve) => (onMessage = resolve));
  };
  await settled();
  thread.hold(true);
  // Two messages may be on their way.
  for (let i = 0; i < 20; i++) {
    writeFileSync(join(folder, `file ${i}`), '');
    await sleep(20);
  }
  const told = names.length;
  assert.ok(told <= 3, `${told} messages`);
  thread.hold(false);
  await settled();
  assert.equal(new Set(names.flat()).size, 20);
  assert.ok(names.length <= told + 2, 'what was gathered comes at once');
});
