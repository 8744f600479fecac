import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { scratchFolder, skipUnless } from '../../../../test/support/scratch.ts';
import { nameFromText } from '../../../base/names.ts';
import { system } from '../../system.ts';

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
