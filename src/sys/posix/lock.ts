import type { LockMode, System } from '../types.ts';
import { failedWith, failure } from './failure.ts';
import { libc } from './libc.ts';

type Locks = Pick<System, 'lock' | 'unlock'>;

/** Of flock(2); the same on Linux and the BSDs. */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Locks of flock(2), which belong to the open file description. */
export const flock: Locks = { lock, unlock };

function lock(fd: number, mode: LockMode): boolean {
  for (;;) {
    if (libc.flock(fd, (mode === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB) === 0) return true;
    if (failedWith('EAGAIN')) return false;
    if (!failedWith('EINTR')) throw failure('flock', fd);
  }
}

function unlock(fd: number): void {
  if (libc.flock(fd, LOCK_UN) < 0) throw failure('flock', fd);
}
