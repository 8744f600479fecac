/**
 * Savers, collectors, forgetters, readers and verifiers on one store, every one of their system calls in an order that a seed decides. `VARVE_SIMULATIONS` says how
 * many seeds, `VARVE_SEED` is the first.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { blake3 } from '../../../src/hash/blake3.ts';
import { Datadir } from '../../../src/store/datadir/datadir.ts';
import { Archive } from '../../../src/tree/archive.ts';
import { verify } from '../../../src/tree/verify/verify.ts';
import { campaignSeed, Random, sizeFromEnv } from '../../support/random.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { fingerprintOfTree } from '../fingerprint.ts';
import { Actors } from './actors.ts';
import type { Work } from './work.ts';

const SIMULATIONS = sizeFromEnv('VARVE_SIMULATIONS', 20);
const CREATE = { hash: blake3, chunking: { minBytes: 512, targetBytes: 1024, maxBytes: 4096 } };
const THREADS = 5;
const VERSIONS = 6;
/** In some simulations each turn is the last one of its thread with this chance. */
const KILLING = 0.002;

/** Two savers, a collector, a forgetter, and one that reads and verifies. */
function makeWorks(folder: string, random: Random): Work[][] {
  const store = join(folder, 'store');
  const save = (archive: string): Work => ({
    type: 'save',
    store,
    archive,
    source: join(folder, `source of ${archive}`),
    version: random.below(VERSIONS),
    cacheFile: join(folder, `cache of ${archive}`),
  });
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  return [
    times(4, () => save('a')),
    times(4, () => save('b')),
    times(4, (): Work => ({ type: 'gc', store })),
    times(3, (): Work => ({ type: 'forget', store, archive: random.pick(['a', 'b']), keep: 1 })),
    times(3, (): Work => (random.chance(0.5) ? { type: 'read', store, archive: random.pick(['a', 'b']) } : { type: 'verify', store })),
  ];
}

test(`no order of system calls loses anything, in ${SIMULATIONS} simulations`, {
  timeout: 24 * 3_600_000,
}, async (context: TestContext) => {
  const first = campaignSeed();
  context.diagnostic(`VARVE_SEED=${first}`);
  const folder = scratchFolder(context);
  const actors = await Actors.start(THREADS, folder);
  let turns = 0;
  let kills = 0;
  try {
    for (let seed = first; seed < first + SIMULATIONS; seed++) {
      try {
        const run = await simulate(actors, join(folder, 'one'), new Random(seed));
        turns += run.turns;
        kills += run.kills;
      } catch (error) {
        context.diagnostic(`failed: VARVE_SIMULATIONS=1 VARVE_SEED=${seed}`);
        throw error;
      }
    }
  } finally {
    await actors.close();
  }
  context.diagnostic(`${turns} turns, ${kills} kills`);
});

async function simulate(actors: Actors, folder: string, random: Random): Promise<{ turns: number; kills: number }> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  void new Datadir(join(folder, 'store'), { create: CREATE }).header;
  const { done, ...run } = await actors.run(makeWorks(folder, random), random, random.chance(0.3) ? KILLING : 0);
  assert.deepEqual(
    done.flatMap(({ done: { failure } }) => failure ?? []),
    [],
  );
  await checkStore(join(folder, 'store'), run.kills === 0 ? done : []);
  return run;
}

/** Verify finds nothing wrong, every revision reads whole, and the last save of each archive is there (one that was killed may have added a newer revision). */
async function checkStore(place: string, done: readonly { work: Work; done: { outcome?: string } }[]): Promise<void> {
  const store = new Datadir(place);
  try {
    const { problems, touched } = await verify(store, { threads: 0 });
    assert.deepEqual(
      problems.filter(({ harmless }) => !harmless),
      [],
    );
    assert.deepEqual(touched, []);
    for (const name of ['a', 'b']) {
      const { revisions } = await new Archive(store.archive(name)).read();
      for (const { tree } of revisions) await fingerprintOfTree(store, tree);
      const saved = done.filter(({ work }) => work.type === 'save' && work.archive === name).at(-1)?.done.outcome;
      if (saved !== undefined)
        assert.ok(
          revisions.some(({ tree }) => tree === saved),
          `${saved} is not in ${name}`,
        );
    }
  } finally {
    await store.close();
  }
}
