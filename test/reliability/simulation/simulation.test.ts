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
import { makeVersions, VERSIONS } from './versions.ts';
import type { Work } from './work.ts';

const SIMULATIONS = sizeFromEnv('VARVE_SIMULATIONS', 12);
const CREATE = { hash: blake3, chunking: { minBytes: 512, targetBytes: 1024, maxBytes: 4096 } };
const THREADS = 5;
const SAVES = 12;
/** In some simulations each turn is the last one of its thread with this chance. */
const KILLING = 0.002;
/** The chance that the next turn is of the same thread: some races need much to happen while somebody sleeps. */
const STAYING = [0, 0.5, 0.9, 0.97, 0.99];

/**
 * Two savers, a collector, a forgetter, and one that reads and verifies. In steady simulations nothing changes in what is saved, so all is known from the file cache, while all
 * revisions are forgotten again and again.
 */
function makeWorks(store: string, versions: string, random: Random): (() => Work | undefined)[] {
  const isSteady = random.chance(0.5);
  const current = { a: 0, b: VERSIONS - 1 };
  const save = (archive: 'a' | 'b'): Work => {
    if (!isSteady && random.chance(0.5)) current[archive] = random.below(VERSIONS);
    const cacheFile = join(store, '..', `cache of ${archive}`);
    return { type: 'save', store, archive, versions: join(versions, archive), version: current[archive], cacheFile };
  };
  const forget = (): Work => ({ type: 'forget', store, archive: random.pick(['a', 'b']), keep: isSteady ? 0 : random.below(2) });
  const look = (): Work => (random.chance(0.5) ? { type: 'read', store, archive: random.pick(['a', 'b']) } : { type: 'verify', store });
  let savesLeft = SAVES;
  const saving = (archive: 'a' | 'b') => () => (savesLeft-- > 0 ? save(archive) : undefined);
  // The others go on for as long as there is something to save.
  const meanwhile = (make: () => Work) => () => (savesLeft > 0 ? make() : undefined);
  return [saving('a'), saving('b'), meanwhile(() => ({ type: 'gc', store })), meanwhile(forget), meanwhile(look)];
}

test(`no order of system calls loses anything, in ${SIMULATIONS} simulations`, {
  timeout: 24 * 3_600_000,
}, async (context: TestContext) => {
  const first = campaignSeed();
  context.diagnostic(`VARVE_SEED=${first}`);
  const folder = scratchFolder(context);
  const versions = join(folder, 'versions');
  for (const archive of ['a', 'b']) makeVersions(join(versions, archive));
  const actors = await Actors.start(THREADS, folder);
  let turns = 0;
  let kills = 0;
  try {
    for (let seed = first; seed < first + SIMULATIONS; seed++) {
      try {
        const run = await simulate(actors, join(folder, 'one'), versions, new Random(seed));
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

async function simulate(actors: Actors, folder: string, versions: string, random: Random): Promise<{ turns: number; kills: number }> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  const place = join(folder, 'store');
  void new Datadir(place, { create: CREATE }).header;
  const killing = random.chance(0.3) ? KILLING : 0;
  const { done, ...run } = await actors.run(makeWorks(place, versions, random), random, { killing, staying: random.pick(STAYING) });
  assert.deepEqual(
    done.flatMap(({ done: { failure } }) => failure ?? []),
    [],
  );
  await checkStore(place);
  return run;
}

/** Verify finds nothing wrong, and every revision reads whole. */
async function checkStore(place: string): Promise<void> {
  const store = new Datadir(place);
  try {
    const { problems, touched } = await verify(store, { threads: 0 });
    assert.deepEqual(
      problems.filter(({ harmless }) => !harmless),
      [],
    );
    assert.deepEqual(touched, []);
    for (const name of ['a', 'b']) {
      for (const { tree } of (await new Archive(store.archive(name)).read()).revisions) await fingerprintOfTree(store, tree);
    }
  } finally {
    await store.close();
  }
}
