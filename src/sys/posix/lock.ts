import type { LockMode } from '../types.ts';
import { failedWith, failure } from './failure.ts';
import { libc } from './libc.ts';

/** Of flock(2); the same on Linux and the BSDs. */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

export function lock(fd: number, mode: LockMode): boolean {
  for (;;) {
    if (libc.flock(fd, (mode === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB) === 0) return true;
    if (failedWith('EAGAIN')) return false;
    if (!failedWith('EINTR')) throw failure('flock', fd);
  }
}

export function unlock(fd: number): void {
  if (libc.flock(fd, LOCK_UN) < 0) throw failure('flock', fd);
}
