import { LockFile } from '../../sys/lock-file.ts';
import type { Datadir } from './datadir.ts';
import { withReserve } from './reserve.ts';

/**
 * Waits for the collector's lock, and does under it what must not happen while one looks; work that may be begun again, since on a full disk it is, at the cost of the reserve.
 * Rejects with the signal's reason when aborted while it waits.
 */
export async function underCollectorLock<T>({ layout }: Pick<Datadir, 'layout'>, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withReserve(layout, async () => {
    const lock = await LockFile.wait(layout.collectorLock, signal);
    try {
      return await work();
    } finally {
      lock.release();
    }
  });
}
