import { Datadir } from '../store/datadir/datadir.ts';
import type { Store } from '../store/types.ts';
import { LockFile } from '../sys/lock-file.ts';
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
  const lock = store instanceof Datadir ? await LockFile.wait(store.layout.collectorLock, signal) : undefined;
  try {
    signal?.throwIfAborted();
    await archive.drop(revisions);
  } finally {
    lock?.release();
  }
}
