import { constants } from 'node:os';
import type { ByteName } from '../../base/names.ts';
import { failure } from './failure.ts';
import { lastErrno } from './libc.ts';

/**
 * Repeats a call while a signal interrupts it, and throws its failure. Only for calls that wait (reads, writes, syncs, locks, opens):
 * the others do not know EINTR.
 */
export function uninterrupted(syscall: string, fd: number, name: ByteName | undefined, call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    if (lastErrno() !== constants.errno.EINTR) throw failure(syscall, fd, name);
  }
}
