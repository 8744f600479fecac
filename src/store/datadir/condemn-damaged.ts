import { isUnwritable } from '../write-failure.ts';
import { underCollectorLock } from './collector-lock.ts';
import { readCondemned, writeCondemned } from './condemned.ts';
import type { Datadir } from './datadir.ts';

/**
 * Condemns segments in which damage was found: their blocks do not count as present from now on, so that whoever saves them again stores them anew, and the collector
 * moves what is sound elsewhere. False where the store cannot be written to. Rejects with the signal's reason.
 *
 * It takes the collector's lock, since the list is the collector's. The list says nothing of sessions afterwards: any that lives may rely on the segments, and the
 * next collector waits for all.
 */
export async function condemnDamaged(store: Pick<Datadir, 'layout'>, damaged: readonly string[], signal?: AbortSignal): Promise<boolean> {
  const file = store.layout.condemned;
  const condemn = async () => {
    const { segments } = readCondemned(file);
    const added = damaged.filter((id) => !segments.includes(id));
    if (added.length > 0) writeCondemned(file, { segments: [...segments, ...added], waitFor: undefined });
    return true;
  };
  try {
    return await underCollectorLock(store, condemn, signal);
  } catch (error) {
    if (isUnwritable(error)) return false;
    throw error;
  }
}
