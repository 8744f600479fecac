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
import { halt } from '../support/halt.ts';
import { assertEqualsDisk } from '../support/live-catalogue.ts';
import { descriptorKinds, type ProcessFigures, processFigures } from '../support/process-figures.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder, skipUnless } from '../support/scratch.ts';
import { startChurning } from '../support/start-churning.ts';
import { varve, varveEnv } from '../support/varve.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/varve');
const SECONDS = sizeFromEnv('VARVE_SOAK_SECONDS', 12);
/** In each quarter, while files change. */
const SAMPLES = 30;
const PRINTED_EACH = 5;
/** A short soak ends while the engine still warms up, and threads are yet to come, each with descriptors of its own. */
const IS_SHORT = SECONDS < 600;
const GROWTH = IS_SHORT ? 1.5 : 1.1;
const MORE_THREADS = IS_SHORT ? 6 : 1;
/** The catalogue's own thread may have so many runs of the block index open (block-index.ts), or one of them alone. */
const MORE_DESCRIPTORS = IS_SHORT ? 48 : 8;
/** When no thread has ended for so long, all have that have nothing to do: each has descriptors of its own, and up to 32 segments (segment-reader.ts). */
const RESTED_MS = IS_SHORT ? 8000 : 30_000;

test('a daemon over files that never come to rest stays as large as it is, and the catalogue equals the disk at the end', async (context) => {
  if (skipUnless(context, process.platform === 'linux', 'what a process holds is asked of /proc')) return;
  campaignRandom(context);
  const top = fs.realpathSync(scratchFolder(context));
  const [root, home] = [join(top, 'root'), join(top, 'home')];
  fs.mkdirSync(root);
  const churn = await startChurning(context, root);
  const daemon = await startDaemon(context, home, root);
  const reader = openForReading(join(home, 'catalogue.db'));
  assert.ok(reader);
  context.after(() => reader.close());
  const quarters: Quarter[] = [];
  for (let quarter = 1; quarter <= 4; quarter++) {
    churn.kill('SIGCONT');
    const series: ProcessFigures[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      await sleep((SECONDS * 1000) / 4 / SAMPLES);
      series.push(processFigures(daemon.pid));
    }
    await halt(churn);
    await daemon.client.syncPoint(AbortSignal.timeout(60_000));
    await until(async () => isAllKept(reader));
    await untilRested(daemon.pid);
    quarters.push({ series, atRest: { ...processFigures(daemon.pid), kinds: descriptorKinds(daemon.pid) } });
    print(context, quarters);
  }

  assertEqualsDisk({ root, reader });
  const { status, stdout, stderr } = varve(home, ['check']);
  assert.equal(status, 0, stdout + stderr);
  assertFlat(quarters);
  await daemon.end();
  const kept = reader.prepare('SELECT count(*) AS count FROM content').get();
  assert.ok(Number(kept?.count) > 0, 'contents were kept meanwhile');
});

/** What the daemon held while files changed, and when it had nothing left to do. */
interface Quarter {
  readonly series: readonly ProcessFigures[];
  readonly atRest: ProcessFigures & { readonly kinds: Readonly<Record<string, number>> };
}

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

async function untilRested(pid: number): Promise<void> {
  let { threads } = processFigures(pid);
  for (let sinceMs = performance.now(); performance.now() - sinceMs < RESTED_MS; ) {
    await sleep(500);
    const now = processFigures(pid).threads;
    if (now !== threads) [threads, sinceMs] = [now, performance.now()];
  }
}

/** The test's own time limit is the bound; a daemon that is starting answers nobody yet. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await sleep(50);
}

/**
 * The last quarter is compared with the second, when all that there is to warm up is warm: memory by its median, which knows no single moment; threads and descriptors by what there is at rest,
 * since threads for scans and for reading come and go, each with descriptors of its own.
 */
function assertFlat(quarters: readonly Quarter[]): void {
  const [before, after] = [1, 3].map((quarter) => {
    const { series, atRest } = quarters[quarter] as Quarter;
    return { memoryBytes: medianMemory(series), threads: atRest.threads, descriptors: atRest.descriptors, kinds: atRest.kinds };
  }) as [Held, Held];
  const story = JSON.stringify({ before, after });
  assert.ok(after.memoryBytes <= before.memoryBytes * GROWTH, `memory grew: ${story}`);
  assert.ok(after.threads <= before.threads + MORE_THREADS, `there are more threads: ${story}`);
  assert.ok(after.descriptors <= before.descriptors + MORE_DESCRIPTORS, `there are more descriptors: ${story}`);
}

type Held = Omit<Quarter['atRest'], 'peakBytes'>;

function medianMemory(series: readonly ProcessFigures[]): number {
  const inOrder = series.map(({ memoryBytes }) => memoryBytes).sort((a, b) => a - b);
  return inOrder[inOrder.length >> 1] as number;
}

/** The last quarter. */
function print(context: TestContext, quarters: readonly Quarter[]): void {
  const { series, atRest } = quarters.at(-1) as Quarter;
  for (let at = PRINTED_EACH - 1; at < series.length; at += PRINTED_EACH) {
    const seconds = Math.round((((quarters.length - 1) * SAMPLES + at + 1) * SECONDS) / 4 / SAMPLES);
    context.diagnostic(`${seconds} s: ${shown(series[at] as ProcessFigures)}`);
  }
  context.diagnostic(`median ${mebibytes(medianMemory(series))} MiB; at rest: ${shown(atRest)}`);
}

function shown({ memoryBytes, peakBytes, threads, descriptors }: ProcessFigures): string {
  return `${mebibytes(memoryBytes)} MiB (most: ${mebibytes(peakBytes)}), ${threads} threads, ${descriptors} descriptors`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
