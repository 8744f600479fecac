import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WATCHER_KINDS } from '../../src/sys/watch/kinds.ts';
import { assertEqualsDisk, liveCatalogue, placesOf, replay } from '../support/live-catalogue.ts';
import { Playground } from '../support/playground.ts';
import { campaignRandom } from '../support/random.ts';

/** Operations on each watcher. */
const OPERATIONS = Number(process.env.VARVE_OPERATIONS ?? 3000);
/** Now and then somebody looks in the middle of what happens, as when it is done by hand; at most after so long. */
const PAUSE_MS = 5;
/** Between two comparisons, at most. */
const AT_ONCE = 120;

for (const watcher of WATCHER_KINDS) {
  test(`after any operations, the catalogue equals the disk and its history leads there (${watcher})`, async (context) => {
    const random = campaignRandom(context);
    const catalogue = await liveCatalogue(context, { watcher });
    const folder = new Playground(catalogue, random);
    await catalogue.service.sync();
    const places = placesOf(catalogue.reader);
    let last = 0;
    let known = new Map<string, number>();
    for (let done = 0; done < OPERATIONS; ) {
      const count = 1 + random.below(AT_ONCE);
      folder.left.clear();
      const pauses = random.pick([0, 0.08, 0.25]);
      const halts = random.pick([0, 0.4]);
      for (let i = 0; i < count; i++) {
        folder.operate();
        if (!random.chance(pauses)) continue;
        await sleep(random.below(PAUSE_MS));
        // A scan that stands still anywhere knows less and less of what has become of the disk, while events are looked at all the time.
        if (random.chance(halts)) catalogue.service.pause(random.chance(0.5));
      }
      catalogue.service.pause(false);
      done += count;
      await catalogue.service.sync();
      const nodes = assertEqualsDisk(catalogue, folder.linked);
      last = replay(catalogue.reader, places, last);
      assert.deepEqual(places, placesOf(catalogue.reader), 'the events lead to what is there');
      known = assertMovesAreMoves(nodes, known, folder.left);
    }
  });
}

/** A file that was there at the last comparison and did not leave the root since is the same node, wherever it is now. Returns who is who now. */
function assertMovesAreMoves(
  nodes: ReturnType<typeof assertEqualsDisk>,
  known: ReadonlyMap<string, number>,
  left: ReadonlySet<bigint>,
): Map<string, number> {
  const now = new Map<string, number>();
  for (const [path, { id, node }] of nodes) {
    // Of several links any may be taken for the one that moved.
    if (node.links > 1 && node.kind !== 'directory') continue;
    const identity = `${node.inode} ${node.born}`;
    now.set(identity, id);
    const before = known.get(identity);
    if (before !== undefined && !left.has(node.inode)) assert.equal(id, before, `${path} is the file that it was`);
  }
  return now;
}
