import { UsageError } from '../base/errors.ts';
import type { ArchiveRepair } from '../store/archive-repair.ts';
import { underCollectorLock } from '../store/datadir/collector-lock.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import type { Store } from '../store/types.ts';
import { decodeRevisions } from './revision-line.ts';

/** See ArchiveRepair. `trees` are the digests that can still be read in the lines that were put aside. */
export interface ArchiveRepairReport extends ArchiveRepair {
  readonly trees: readonly string[];
}

/**
 * Makes an archive whole again: its sound lines stay, what cannot be read is moved to a file beside it, and its witness is made anew. Lines of a newer format stay too.
 * What the lines that go have named is no longer kept by the collector, so its lock is taken as for dropping revisions. An archive that is whole is left as it is.
 */
export async function repairArchive(store: Store, name: string, signal?: AbortSignal): Promise<ArchiveRepairReport> {
  if (!(store instanceof Datadir)) throw new UsageError(`${store.name} has no archives that could be repaired`);
  const repair = await underCollectorLock(store, () => store.archive(name).repair(isSound), signal);
  return { ...repair, trees: (repair.aside?.lines ?? []).flatMap(treesIn) };
}

/** The archives of a store that are damaged, by name. */
export async function damagedArchives(store: Datadir): Promise<string[]> {
  const names: string[] = [];
  for (const name of await store.archiveNames()) {
    const log = store.archive(name);
    if ((await log.problem()) !== undefined || !(await log.lines()).every(isSound)) names.push(name);
  }
  return names;
}

function isSound(line: string): boolean {
  return decodeRevisions([line]).damaged.every(({ isNewer }) => isNewer);
}

function treesIn(line: string): string[] {
  return [...line.matchAll(/"tree":"([a-z0-9-]+:[0-9a-f]{40,})"/g)].map(([, tree = '']) => tree);
}
