import { setTimeout as sleep } from 'node:timers/promises';
import type { LockMode, System } from './types.ts';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/**
 * Takes the lock of an open file as soon as it is free, asking again and again: a blocking flock(2) could not be cancelled, and would hold one of
 * the few threads of libuv's pool. Rejects with the signal's reason when aborted; no lock is then held.
 */
export async function lockWait(system: System, fd: number, mode: LockMode, signal?: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    signal?.throwIfAborted();
    if (system.lock(fd, mode)) return;
    // Rejected only when aborted, which the next round tells with the signal's own reason.
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
