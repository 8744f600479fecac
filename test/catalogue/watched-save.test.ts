import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatcherKind } from '../../src/sys/watch/types.ts';
import { Playground } from '../support/playground.ts';
import { campaignRandom, sizeFromEnv } from '../support/random.ts';
import { savingCatalogue } from '../support/saving-catalogue.ts';

/** Saves with each watcher. */
const ROUNDS = sizeFromEnv('VARVE_WATCHED_SAVES', 25);
/** Operations between two saves, at most. */
const AT_ONCE = 30;

const WATCHERS: readonly WatcherKind[] = ['fanotify', 'fanotify-marks', 'inotify'];

for (const watcher of WATCHERS) {
  test(`whatever happens, a save of what the catalogue names is the tree of a full save (${watcher})`, async (context) => {
    const random = campaignRandom(context);
    const { catalogue, save, fullTree } = await savingCatalogue(context, { watcher });
    const folder = new Playground(catalogue, random);
    await save();
    let quick = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = random.below(AT_ONCE); i >= 0; i--) {
        folder.operate();
        // A change through a link that is gone before anybody looks is one that nobody tells of.
        if (folder.linked.size > 0) await catalogue.service.sync();
      }
      const { tree, doubt } = await save();
      if (doubt === undefined) quick++;
      assert.equal(tree, await fullTree(), `in round ${round}`);
    }
    assert.ok(quick >= ROUNDS * 0.8, `only ${quick} of ${ROUNDS} saves were of what changed`);
  });
}
