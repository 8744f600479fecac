/**
 * A daemon, as users start it, over files that never come to rest. `VARVE_SOAK_SECONDS` says for how long (3600 is the hour of a release); the series of what it held is printed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openForReading } from '../../src/catalogue/database.ts';
import { DaemonClient } from '../../src/serve/client.ts';
import { assertEqualsDisk } from '../support/live-catalogue.ts';
import { type ProcessFigures, processFigures } from '../support/process-figures.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { startChurning } from '../support/start-churning.ts';
import { varve, varveEnv } from '../support/varve.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/varve');
const SECONDS = sizeFromEnv('VARVE_SOAK_SECONDS', 12);
const SAMPLES = 120;
const PRINTED = 24;
/** A short soak ends while the engine still warms up, and threads are yet to come, each with descriptors of its own. */
const IS_SHORT = SECONDS < 600;
const GROWTH = IS_SHORT ? 1.5 : 1.1;
/** A thread that had not begun by then, a segment more that is open. */
const MORE_THREADS = IS_SHORT ? 6 : 2;
const MORE_DESCRIPTORS = IS_SHORT ? 48 : 8;

test('a daemon over files that never come to rest stays as large as it is, and the catalogue equals the disk at the end', async (context) => {
  if (skipUnless(context, process.platform === 'linux', 'what a process holds is asked of /proc')) return;
  campaignRandom(context);
  const top = fs.realpathSync(scratchFolder(context));
  const [root, home] = [join(top, 'root'), join(top, 'home')];
  fs.mkdirSync(root);
  const churn = await startChurning(context, root);
  const daemon = await startDaemon(context, home, root);
  const series: ProcessFigures[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sleep((SECONDS * 1000) / SAMPLES);
    series.push(processFigures(daemon.pid));
  }
  churn.kill('SIGSTOP');
  print(context, series);

  await daemon.client.syncPoint(AbortSignal.timeout(60_000));
  const reader = openForReading(join(home, 'catalogue.db'));
  assert.ok(reader);
  context.after(() => reader.close());
  assertEqualsDisk({ root, reader });
  await until(async () => isAllKept(reader));
  const { status, stdout, stderr } = varve(home, ['check']);
  assert.equal(status, 0, stdout + stderr);
  assertFlat(series);
  await daemon.end();
  const kept = reader.prepare('SELECT count(*) AS count FROM content').get();
  assert.ok(Number(kept?.count) > 0, 'contents were kept meanwhile');
});

async function startDaemon(context: TestContext, home: string, root: string) {
  const child = spawn(LAUNCHER, ['start', root], { env: varveEnv(home), stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const client = new DaemonClient(join(home, 'state'));
  await until(async () => (await client.status()).state === 'watching');
  return {
    // The launcher has become the daemon.
    pid: child.pid as number,
    client,
    async end() {
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    },
  };
}

/** Whether every file is read and its content in the store. */
function isAllKept(reader: DatabaseSync): boolean {
  const unread = reader.prepare(
    'SELECT 1 FROM node WHERE kind = 8 AND NOT EXISTS (SELECT 1 FROM content WHERE content.digest = node.digest) LIMIT 1',
  );
  return unread.get() === undefined;
}

/** The test's own time limit is the bound; a daemon that is starting answers nobody yet. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(50);
}

/**
 * The last quarter is compared with the second, when all that there is to warm up is warm: memory by its median, which knows no single moment; threads and descriptors by the least, since
 * threads for scans and for reading come and go, each with descriptors of its own.
 */
function assertFlat(series: readonly ProcessFigures[]): void {
  const length = series.length / 4;
  const inOrder = (quarter: number, value: (figures: ProcessFigures) => number) =>
    series
      .slice(quarter * length, (quarter + 1) * length)
      .map(value)
      .sort((a, b) => a - b);
  const [before, after] = [1, 3].map((quarter) => ({
    memoryBytes: inOrder(quarter, ({ memoryBytes }) => memoryBytes)[length >> 1] as number,
    threads: inOrder(quarter, ({ threads }) => threads)[0] as number,
    descriptors: inOrder(quarter, ({ descriptors }) => descriptors)[0] as number,
  })) as [Held, Held];
  const story = JSON.stringify({ before, after });
  assert.ok(after.memoryBytes <= before.memoryBytes * GROWTH, `memory grew: ${story}`);
  assert.ok(after.threads <= before.threads + MORE_THREADS, `there are more threads: ${story}`);
  assert.ok(after.descriptors <= before.descriptors + MORE_DESCRIPTORS, `there are more descriptors: ${story}`);
}

type Held = Omit<ProcessFigures, 'peakBytes'>;

function print(context: TestContext, series: readonly ProcessFigures[]): void {
  for (let at = SAMPLES / PRINTED - 1; at < series.length; at += SAMPLES / PRINTED) {
    const { memoryBytes, peakBytes, threads, descriptors } = series[at] as ProcessFigures;
    const seconds = Math.round(((at + 1) * SECONDS) / SAMPLES);
    context.diagnostic(
      `${seconds} s: ${mebibytes(memoryBytes)} MiB (most: ${mebibytes(peakBytes)}), ${threads} threads, ${descriptors} descriptors`,
    );
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
