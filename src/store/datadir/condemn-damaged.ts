import { hasErrno } from '../../base/errors.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { readCondemned, writeCondemned } from './condemned.ts';
import type { Layout } from './layout.ts';

/**
 * Condemns segments in which damage was found: their blocks do not count as present from now on, so that whoever saves them again stores them anew, and the collector
 * moves what is sound elsewhere. False where the store cannot be written to. Rejects with the signal's reason.
 *
 * It takes the collector's lock, since the list is the collector's. The list says nothing of sessions afterwards: any that lives may rely on the segments, and the
 * next collector waits for all.
 */
export async function condemnDamaged(layout: Layout, damaged: readonly string[], signal?: AbortSignal): Promise<boolean> {
  try {
    const lock = await LockFile.wait(layout.collectorLock, signal);
    try {
      const { segments } = readCondemned(layout.condemned);
      const added = damaged.filter((id) => !segments.includes(id));
      if (added.length > 0) writeCondemned(layout.condemned, { segments: [...segments, ...added], waitFor: undefined });
      return true;
    } finally {
      lock.release();
    }
  } catch (error) {
    if (hasErrno(error, 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT')) return false;
    throw error;
  }
}
