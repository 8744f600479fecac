/** A daemon whose store is really full, or really gone: a small file system in memory, which only root on Linux can make. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonStatus } from '../../src/serve/types.ts';
import { fillDisk } from '../support/full-disk.ts';
import { mountingFolder, mountMemory, skipWithoutMounts, unmount } from '../support/mounts.ts';
import { kernelQueues } from '../support/process-figures.ts';
import { varve } from '../support/varve.ts';
import { startWatching, type Watching } from '../support/watching.ts';

const MEGABYTE = 1 << 20;
/** It is tried again at ever longer intervals, of a minute in the end. */
const AMPLE_MS = 240_000;

/** A home whose store is on a file system of its own, and a folder with a file. */
function prepare(context: TestContext) {
  const top = mountingFolder(context);
  const [home, disk, docs] = [join(top, 'home'), join(top, 'disk'), join(top, 'docs')];
  for (const folder of [disk, docs]) mkdirSync(folder);
  mountMemory(disk, 12 * MEGABYTE);
  const store = join(disk, 'store');
  const { status, stderr } = varve(home, ['init', store]);
  assert.equal(status, 0, stderr);
  writeFileSync(join(docs, 'small'), 'kept before');
  return {
    home,
    disk,
    docs,
    run: (...args: string[]) => varve(home, ['--store', store, ...args]),
    watch: () => startWatching(context, home, ['--store', store, docs]),
  };
}

function statusOf(watching: Watching): DaemonStatus {
  return watching.ask('status')[0] as unknown as DaemonStatus;
}

async function untilOutage(watching: Watching, isThere: boolean): Promise<void> {
  while ((statusOf(watching).outage !== undefined) !== isThere) await sleep(100);
}

test('while the store is full the daemon watches on, says so, and keeps everything when there is space', async (context) => {
  if (skipWithoutMounts(context)) return;
  const { disk, docs, run, watch } = prepare(context);
  const watching = await watch();
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(10 * MEGABYTE));
  const large = join(docs, 'large');
  writeFileSync(large, randomBytes(5 * MEGABYTE));
  await untilOutage(watching, true);
  assert.match(statusOf(watching).outage?.message ?? '', /no space left on device \(ENOSPC\)/);
  assert.match(run('status').stdout, /No file can be kept: .*ENOSPC.*\n.*[Ff]ree some space.*\nIt is tried again by itself\.\n$/);

  writeFileSync(join(docs, 'meanwhile'), 'also wanted');
  watching.ask('sync-point');
  assert.ok(
    watching.ask('events', docs).some(({ path }) => path === join(docs, 'meanwhile')),
    'events are noticed meanwhile',
  );
  assert.equal(run('cat', `${join(docs, 'small')}@now`).stdout, 'kept before');

  rmSync(join(disk, 'ballast'));
  await untilOutage(watching, false);
  while (statusOf(watching).roots[0]?.kept !== 3) await sleep(100);
  assert.equal(run('verify').status, 0);
});

test('while the disk of the catalogue is full the daemon says that nothing is observed, and goes on when there is space', {
  timeout: AMPLE_MS,
}, async (context) => {
  if (skipWithoutMounts(context)) return;
  const top = mountingFolder(context);
  const [home, docs, store] = [join(top, 'home'), join(top, 'docs'), join(top, 'store')];
  for (const folder of [home, docs]) mkdirSync(folder);
  // The files of the system's packages alone take some tens.
  mountMemory(home, 256 * MEGABYTE);
  assert.equal(varve(home, ['init', store]).status, 0);
  const watching = await startWatching(context, home, ['--store', store, docs]);
  const queues = kernelQueues(watching.child.pid as number);
  const ballast: string[] = [];
  // Of what the daemon was about by then, something may have been given back meanwhile.
  while (statusOf(watching).outage === undefined) {
    ballast.push(fillDisk(home, `ballast ${ballast.length}`));
    // More than what is free in the log by chance.
    for (let i = 0; i < 3000; i++) writeFileSync(join(docs, `a file with a long name ${i}`), String(ballast.length));
    await sleep(1000);
  }
  const { outage, state } = statusOf(watching);
  assert.deepEqual([outage?.of, state === 'stopping'], ['catalogue', false]);
  assert.match(
    varve(home, ['status']).stdout,
    /Nothing can be observed: no space left on device \(ENOSPC\).*\nFree some space.*\nIt is tried again by itself\.\n$/,
  );

  writeFileSync(join(docs, 'meanwhile'), '');
  for (const file of ballast) rmSync(file);
  await untilOutage(watching, false);
  watching.ask('sync-point');
  assert.deepEqual(watching.ask('search', 'meanwhile').length, 1);
  while (statusOf(watching).roots[0]?.nodes !== 3002) await sleep(100);
  assert.deepEqual(
    watching.ask('events', join(docs, 'meanwhile')).map(({ kind, origin }) => [kind, origin]),
    [['created', 'scan']],
  );
  assert.equal(varve(home, ['check']).status, 0);
  assert.deepEqual(kernelQueues(watching.child.pid as number), queues, 'no queue is left behind that nobody reads');
});

test('while the store is away the daemon watches on, and makes no other in its place', async (context) => {
  if (skipWithoutMounts(context)) return;
  const { disk, docs, watch } = prepare(context);
  const watching = await watch();
  unmount(disk);
  writeFileSync(join(docs, 'second'), 'version');
  await untilOutage(watching, true);
  assert.match(statusOf(watching).outage?.message ?? '', /the store is gone from here|there is no store here/);
  watching.ask('sync-point');
  assert.ok(watching.ask('events', docs).some(({ path }) => path === join(docs, 'second')));
  assert.deepEqual(readdirSync(disk), []);
});

test('start --once ends with an error when the store is full', (context) => {
  if (skipWithoutMounts(context)) return;
  const { docs, run } = prepare(context);
  writeFileSync(join(docs, 'too large'), randomBytes(20 * MEGABYTE));
  const { status, stderr } = run('start', '--once', docs);
  assert.equal(status, 1);
  assert.match(stderr, /no space left on device \(ENOSPC\)\n.*[Ff]ree some space/);
});
