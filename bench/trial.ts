import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onFreshDisk } from './fresh-disk.ts';
import { type Cost, measure, runToEnd } from './measure.ts';
import type { Command, Peer } from './peers/types.ts';
import { firstDifference, measureTree, type TreeSize } from './trees.ts';

/** The kinds of work on a tree, in the order in which they are done. */
export const WORKS = ['first save', 'unchanged save', 'verify', 'restore'] as const;
export type Work = (typeof WORKS)[number];

/** What one peer did once on one tree. Work that it cannot do is absent. */
export interface TreeTrial {
  readonly costs: Partial<Record<Work, Cost>>;
  readonly store: TreeSize;
}

/**
 * One peer's whole round on one tree, in a store of its own under `scratch` that is deleted afterwards. With `check` the restored tree is
 * compared with its source. Throws when the peer fails, or did not do the work.
 */
export async function treeTrial(peer: Peer, source: string, scratch: string, check: boolean): Promise<TreeTrial> {
  return withHome(peer, scratch, async (home, target) => {
    const costs: Partial<Record<Work, Cost>> = {};
    costs['first save'] = await settled(peer.save(home, source, 1));
    const store = measureTree(peer.store(home));
    costs['unchanged save'] = await settled(peer.save(home, source, 2));
    if (peer.verify) costs.verify = await settled(peer.verify(home));
    costs.restore = await settled(peer.restore(home, target));
    const difference = check ? firstDifference(source, peer.restored(target, source)) : undefined;
    if (difference !== undefined) throw new Error(`${peer.name} restored something else: ${difference}`);
    return { costs, store };
  });
}

/** The size of a peer's store after each folder of `series` was saved, one after the other, in the same place. */
export async function seriesTrial(peer: Peer, series: readonly string[], scratch: string): Promise<TreeSize[]> {
  return withHome(peer, scratch, async (home, source) => {
    const sizes: TreeSize[] = [];
    for (const [i, release] of series.entries()) {
      rmSync(source, { recursive: true });
      cpSync(release, source, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      await runToEnd(peer.save(home, source, i + 1));
      sizes.push(measureTree(peer.store(home)));
    }
    return sizes;
  });
}

/** Hands out an initialised home and an empty folder, and removes both. */
function withHome<Result>(peer: Peer, scratch: string, use: (home: string, folder: string) => Promise<Result>): Promise<Result> {
  return onFreshDisk(scratch, async (top) => {
    const home = join(top, 'home');
    const folder = join(top, 'tree');
    mkdirSync(home);
    mkdirSync(folder);
    if (peer.init) await runToEnd(peer.init(home));
    return use(home, folder);
  });
}

/** The cost of a command that starts when what was written before is on the disk, so that nobody pays for another's writes. */
async function settled(command: Command): Promise<Cost> {
  await runToEnd({ argv: ['sync'] });
  return measure(command);
}
