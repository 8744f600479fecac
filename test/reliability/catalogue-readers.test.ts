import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { assertEqualsDisk, liveCatalogue } from '../support/live-catalogue.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import type { ReadingTask } from '../support/reading-worker.ts';
import { ChurningTree } from './churning-tree.ts';

const READERS = 8;
const DURATION_MS = sizeFromEnv('VARVE_READING_MS', 3000);

test('eight readers of a busy catalogue never wait for its writer, and each sees one moment', async (context) => {
  const catalogue = await liveCatalogue(context);
  const tree = new ChurningTree(catalogue.root, campaignRandom(context), 300);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ReadingTask = { database: catalogue.database, stop };
  const readers = Array.from(
    { length: READERS },
    () => new Worker(new URL('../support/reading-worker.ts', import.meta.url), { workerData }),
  );
  const reports = Promise.all(readers.map(async (reader) => (await once(reader, 'message'))[0] as { answers: number; problems: string[] }));

  const until = performance.now() + DURATION_MS;
  while (performance.now() < until) {
    for (let i = 0; i < 20; i++) tree.churn();
    // The catalogue is written by this very thread.
    await sleep(1);
  }
  Atomics.store(stop, 0, 1);
  const answers = await reports;
  assert.deepEqual(
    answers.flatMap(({ problems }) => problems),
    [],
  );
  assert.ok(answers.every((each) => each.answers > 0));
  context.diagnostic(`${answers.reduce((sum, each) => sum + each.answers, 0)} answers`);
  await catalogue.service.sync();
  assertEqualsDisk(catalogue);
});
