import { underCollectorLock } from '../store/datadir/collector-lock.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import type { Store } from '../store/types.ts';
import type { Archive } from './archive.ts';
import type { LoggedRevision } from './revision-line.ts';

/**
 * Drops revisions (S34) under the lock of the collector: one that runs meanwhile has either seen them or not begun to look. Their blocks are left to `gc`. The commit point is
 * the rewrite of the archive, in which a revision that was pinned or changed since it was read is not found any more, and stays. Rejects with the signal's reason
 * before anything is dropped, never after.
 */
export async function dropRevisions(
  store: Store,
  archive: Archive,
  revisions: readonly LoggedRevision[],
  signal?: AbortSignal,
): Promise<void> {
  const drop = async () => {
    signal?.throwIfAborted();
    await archive.drop(revisions);
  };
  await (store instanceof Datadir ? underCollectorLock(store, drop, signal) : drop());
}
