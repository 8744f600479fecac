import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { skipUnless } from '../../test/support/scratch.ts';
import { system } from './system.ts';

const THREAD = `
  import fs from 'node:fs';
  import { parentPort, workerData } from 'node:worker_threads';
  const { system } = await import(workerData);
  const isLowered = system().lowerPriority();
  const thread = fs.readlinkSync('/proc/thread-self').split('/').at(-1);
  parentPort.postMessage({ isLowered, thread, nice: niceOf('thread-self') });
  parentPort.once('message', () => {});
  function niceOf(name) {
    return Number(fs.readFileSync('/proc/' + name + '/stat', 'utf8').replace(/^.*\\) /, '').split(' ')[16]);
  }
`;

test('a thread that lowers its priority lets others go first, and leaves them as they are', async (context) => {
  const { implementation } = system().capabilities;
  if (skipUnless(context, implementation === 'linux', 'threads have a priority of their own on Linux alone')) return;
  const url = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`);
  const worker = new Worker(url, { workerData: new URL('./system.ts', import.meta.url).href });
  context.after(() => worker.terminate());
  const [{ isLowered, thread, nice }] = await once(worker, 'message');
  assert.equal(isLowered, true);
  assert.equal(nice, 19);
  assert.equal(ioClass(thread), 'idle');
  assert.notEqual(ioClass(String(process.pid)), 'idle');
});

function ioClass(thread: string): string | undefined {
  return /^[a-z]+/.exec(execFileSync('ionice', ['-p', thread], { encoding: 'utf8' }))?.[0];
}
