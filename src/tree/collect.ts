import { UsageError, VarveError } from '../base/errors.ts';
import { digestFromText } from '../hash/digest.ts';
import type { Digest } from '../hash/types.ts';
import { CannotCollectError, Collector } from '../store/datadir/collector.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import { withReserve } from '../store/datadir/reserve.ts';
import { MissingBlockError } from '../store/errors.ts';
import type { Store } from '../store/types.ts';
import { Archive } from './archive.ts';
import { Reachable } from './reachable.ts';
import type { CollectOptions, CollectReport } from './types.ts';

/**
 * Removes blocks that no archive of the store, no mount, and no running save or reader needs (S33). How it goes beside writers is told in store/datadir/collector.ts.
 * Trees that only an archive file elsewhere names are not known here, and not kept.
 */
export async function collect(store: Store, options: CollectOptions = {}): Promise<CollectReport> {
  if (!(store instanceof Datadir)) throw new UsageError(`${store.name} is no store that garbage can be collected from`);
  const startedAt = performance.now();
  let reachable = new Reachable(store);
  let hasGaps = false;
  // A pinned tree that no archive has may be gone: its session looks for it before it relies on it.
  const onUnreadable = (_digest: Digest, error: unknown) => {
    if (!(error instanceof MissingBlockError)) throw error;
    hasGaps = true;
  };
  const settings = options.signal === undefined ? {} : { signal: options.signal };
  const liveness = {
    async mark(pins: Parameters<Reachable['mark']>[0]) {
      const roots = await readRoots(store);
      // What is marked is not looked into again; so what could not be looked into must not stay marked, in case that it is saved again meanwhile.
      if (hasGaps) reachable = new Reachable(store);
      hasGaps = false;
      try {
        await reachable.mark(roots.map(digestFromText), settings);
        await reachable.mark(pins, { ...settings, onUnreadable });
      } catch (error) {
        if (!(error instanceof VarveError)) throw error;
        throw new CannotCollectError(error.message, { cause: error });
      }
      options.onProgress?.({ phase: 'marking', doneItems: reachable.marked.size, doneBytes: 0 });
    },
    isLive: (hash: Uint8Array) => reachable.marked.has(hash),
    isInner: (hash: Uint8Array) => reachable.inner.has(hash),
    *marked() {
      for (let row = 0; row < reachable.marked.size; row++) yield reachable.marked.key(row);
    },
  };
  const result = options.dryRun
    ? await new Collector(store, liveness).run(true)
    : await withReserve(store.layout, () => new Collector(store, liveness).run(false));
  return { ...result, elapsedMs: performance.now() - startedAt };
}

const REPAIR = 'Mend it with: varve archives --repair';

/** The trees of all revisions; of archives that have lost some, nobody knows what they were. */
async function readRoots(store: Datadir): Promise<string[]> {
  const roots = new Set<string>();
  for (const name of await store.archiveNames()) {
    const log = store.archive(name);
    const problem = await log.problem();
    if (problem !== undefined) throw new CannotCollectError(`archive ${name} is damaged: ${problem}`, { advice: REPAIR });
    const { revisions, damaged } = await new Archive(log).read();
    const [line] = damaged;
    if (line !== undefined)
      throw new CannotCollectError(`line ${line.lineNumber} of archive ${name} cannot be read: ${line.problem}`, {
        advice: line.isNewer ? 'Update varve and try again.' : REPAIR,
      });
    for (const { tree } of revisions) roots.add(tree);
  }
  return [...roots];
}
