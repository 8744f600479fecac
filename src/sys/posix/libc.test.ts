import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { skipUnless } from '../../../test/support/scratch.ts';
import { system } from '../system.ts';
import { lastErrno, libc } from './libc.ts';

test('why a call failed is known until the next one fails, whatever the engine does meanwhile', (context) => {
  if (skipUnless(context, system().capabilities.implementation === 'linux', 'elsewhere libc is not called')) return;
  assert.equal(libc.close(-1), -1);
  assert.equal(existsSync('/nothing/is/here'), false);
  assert.equal(lastErrno(), constants.errno.EBADF);
});

test('a thread has declared every function when its modules are loaded, since it must not be terminated meanwhile', async (context) => {
  if (skipUnless(context, system().capabilities.implementation === 'linux', 'elsewhere libc is not called')) return;
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData).then(({ libc }) => {
      const all = Object.entries(Object.getOwnPropertyDescriptors(libc));
      parentPort.postMessage(all.filter(([, { value }]) => value === undefined).map(([name]) => name));
    });`;
  const thread = new Worker(source, { eval: true, workerData: new URL('./libc.ts', import.meta.url).href });
  const [lazy] = (await once(thread, 'message')) as [string[]];
  assert.deepEqual(lazy, []);
  await thread.terminate();
});
