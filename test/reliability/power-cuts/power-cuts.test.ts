/**
 * The power fails, and of what no sync has followed any part may be on the disk. `VARVE_POWER_CUTS` says how often it fails, `VARVE_SEED` when, and what is left.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nameFromText } from '../../../src/base/names.ts';
import { blake3 } from '../../../src/hash/blake3.ts';
import { Datadir } from '../../../src/store/datadir/datadir.ts';
import { Archive } from '../../../src/tree/archive.ts';
import { collect } from '../../../src/tree/collect.ts';
import { dropRevisions } from '../../../src/tree/forget.ts';
import { save } from '../../../src/tree/save/save.ts';
import { verify } from '../../../src/tree/verify/verify.ts';
import { campaignRandom, sizeFromEnv } from '../../support/random.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { ChurningTree } from '../churning-tree.ts';
import { fingerprintOfFolder, fingerprintOfTree } from '../fingerprint.ts';
import { type Luck, leaveBehind } from './disk.ts';
import type { Event } from './events.ts';
import { Recorder } from './recorder.ts';

const CUTS = sizeFromEnv('VARVE_POWER_CUTS', 40);
const OPTIONS = { create: { hash: blake3, chunking: { minBytes: 2048, targetBytes: 8192, maxBytes: 32768 } }, segmentBytes: 30_000 };
const LUCK: readonly Luck[] = [
  { contents: 0, names: 0 },
  { contents: 1, names: 0 },
  { contents: 0, names: 1 },
  { contents: 0.5, names: 0.5 },
  { contents: 0.9, names: 0.9 },
];

/** What was recorded of a store's life, and what each tree of it reads as. */
interface Life {
  readonly events: readonly Event[];
  readonly fingerprints: ReadonlyMap<string, string>;
}

async function live(folder: string, source: ChurningTree): Promise<Life> {
  const fingerprints = new Map<string, string>();
  const recorder = new Recorder(folder);
  const using = async (work: (store: Datadir) => Promise<void>) => {
    const store = new Datadir(join(folder, 'a/store'), OPTIONS);
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };
  try {
    for (let round = 0; round < 12; round++) {
      await using(async (store) => {
        const { tree } = await save({ store, archive: 'docs', source: nameFromText(source.folder), options: { threads: 0 } });
        fingerprints.set(tree, fingerprintOfFolder(source.folder));
        recorder.told(`saved ${tree}`);
      });
      source.churn();
      if (round % 4 !== 3) continue;
      await using(async (store) => {
        const archive = new Archive(store.archive('docs'));
        const dropped = (await archive.read()).revisions.slice(0, -2);
        for (const { tree } of dropped) recorder.told(`dropping ${tree}`);
        await dropRevisions(store, archive, dropped);
      });
      await using(async (store) => void (await collect(store)));
    }
  } finally {
    recorder.stop();
  }
  return { events: recorder.events, fingerprints };
}

/** The trees that have to be in the archive behind these events. */
function promised(events: readonly Event[]): Set<string> {
  const trees = new Set<string>();
  for (const event of events) {
    if (event.type !== 'told') continue;
    const [what, tree = ''] = event.what.split(' ');
    if (what === 'saved') trees.add(tree);
    else trees.delete(tree);
  }
  return trees;
}

async function assertKept(folder: string, trees: ReadonlySet<string>, { fingerprints }: Life): Promise<void> {
  const place = join(folder, 'a/store');
  if (trees.size === 0 && !fs.existsSync(place)) return;
  const store = new Datadir(place, OPTIONS);
  try {
    const { revisions, damaged } = await new Archive(store.archive('docs')).read();
    assert.deepEqual(damaged, []);
    const found = new Set(revisions.map(({ tree }) => tree));
    for (const tree of trees) assert.ok(found.has(tree), `${tree} is not in the archive`);
    for (const tree of found) assert.equal(await fingerprintOfTree(store, tree), fingerprints.get(tree), `${tree} reads otherwise`);
    const { touched, problems } = await verify(store, { threads: 0 });
    assert.deepEqual(touched, []);
    // A record that was never acknowledged may be damaged, but nothing else.
    assert.deepEqual(
      problems.filter(({ kind, harmless }) => !harmless && kind !== 'segment' && kind !== 'record'),
      [],
    );
    await collect(store);
    for (const tree of found) assert.equal(await fingerprintOfTree(store, tree), fingerprints.get(tree), `${tree} after gc`);
  } finally {
    await store.close();
  }
}

test(`every acknowledged revision survives ${CUTS} power cuts`, { timeout: 24 * 3_600_000 }, async (context: TestContext) => {
  const random = campaignRandom(context);
  const folder = scratchFolder(context);
  const source = new ChurningTree(join(folder, 'source'), random, 20);
  const top = join(folder, 'disk');
  fs.mkdirSync(top);
  const life = await live(top, source);
  context.diagnostic(`${life.events.length} events`);
  for (let cut = 0; cut < CUTS; cut++) {
    const events = life.events.slice(0, random.below(life.events.length + 1));
    const luck = random.pick(LUCK);
    const after = join(folder, 'after');
    fs.rmSync(after, { recursive: true, force: true });
    fs.mkdirSync(after);
    leaveBehind(events, after, luck, random);
    try {
      await assertKept(after, promised(events), life);
      await using(after, source);
    } catch (error) {
      context.diagnostic(
        `cut ${cut}, behind event ${events.length}: ${JSON.stringify(events.at(-1))?.slice(0, 200)}, ${JSON.stringify(luck)}`,
      );
      if (process.env.VARVE_KEEP) fs.cpSync(after, process.env.VARVE_KEEP, { recursive: true });
      throw error;
    }
  }
});

/** All goes on: a save can be made, and read. */
async function using(folder: string, source: ChurningTree): Promise<void> {
  const store = new Datadir(join(folder, 'a/store'), OPTIONS);
  try {
    const { tree } = await save({ store, archive: 'docs', source: nameFromText(source.folder), options: { threads: 0 } });
    assert.equal(await fingerprintOfTree(store, tree), fingerprintOfFolder(source.folder));
  } finally {
    await store.close();
  }
}
