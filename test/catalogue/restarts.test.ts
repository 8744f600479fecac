import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wallNs } from '../../src/sys/clock.ts';
import { withEveryWatcher } from '../support/each-watcher.ts';
import { delayListings } from '../support/held-messages.ts';
import { assertEqualsDisk, type LiveCatalogue, liveCatalogue, type Places, placesOf, replay } from '../support/live-catalogue.ts';
import { Playground } from '../support/playground.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';

/** Starts on each watcher. */
const STARTS = sizeFromEnv('VARVE_STARTS', 8);
const WHILE_ENDED = 60;
const WHILE_COMPARED = 80;
const LONGEST_PAUSE_MS = 8;
/** What is listed comes late by at most so much, half of the time. */
const LATEST_MS = 60;
/** After so many starts it begins anew: trees grow. */
const STARTS_OF_A_TREE = 4;

withEveryWatcher(
  'whatever happens before, during and behind the comparison at a start, the catalogue equals the disk then, its history leads there, and every folder is watched',
  async (context, watcher) => {
    const random = campaignRandom(context);
    delayListings(context, () => (random.chance(0.5) ? 0 : random.below(LATEST_MS)));
    let home = '';
    let folder: Playground | undefined;
    let places: Places | undefined;
    let last = 0;
    for (let start = 0; start < STARTS; start++) {
      if (start % STARTS_OF_A_TREE === 0) {
        home = fs.realpathSync(scratchFolder(context));
        const [root, outside] = [join(home, 'root'), join(home, 'outside')];
        for (const path of [root, outside]) fs.mkdirSync(path);
        folder = new Playground({ root, outside }, random);
        places = undefined;
      }
      for (let i = 0; i < WHILE_ENDED; i++) folder?.operate();
      const catalogue = await liveCatalogue(context, { watcher, home, service: { scanBatchBytes: 1 } });
      const pauses = random.pick([0.02, 0.1, 0.3]);
      for (let i = 0; i < WHILE_COMPARED; i++) {
        folder?.operate();
        if (random.chance(pauses)) await sleep(random.below(LONGEST_PAUSE_MS));
        if (random.chance(0.01)) catalogue.service.engine.compareAll('overflow', wallNs());
      }
      await catalogue.service.sync();
      const linked = folder?.linked;
      assertEqualsDisk(catalogue, linked);
      if (places !== undefined) {
        replay(catalogue.reader, places, last);
        assert.deepEqual(places, placesOf(catalogue.reader), 'the events lead to what is there');
      }
      await assertIsWatched(catalogue, linked);
      places = placesOf(catalogue.reader);
      last = Number(catalogue.reader.prepare('SELECT ifnull(max(id), 0) AS id FROM event').get()?.id);
      await catalogue.close();
    }
  },
);

/** A new file in each folder is noticed, and that it is gone. */
async function assertIsWatched(catalogue: LiveCatalogue, linked: ReadonlySet<bigint> | undefined): Promise<void> {
  const made: string[] = [];
  const visit = (path: string) => {
    for (const entry of fs.readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) visit(join(path, entry.name));
    const file = join(path, 'made to be noticed');
    fs.writeFileSync(file, '1');
    made.push(file);
  };
  visit(catalogue.root);
  await catalogue.service.sync();
  assertEqualsDisk(catalogue, linked);
  for (const path of made) fs.rmSync(path);
  await catalogue.service.sync();
  assertEqualsDisk(catalogue, linked);
}
