import { readlinkSync } from 'node:fs';
import { SystemError } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, showName } from '../../base/names.ts';
import { errnoName } from '../errno.ts';
import { lastErrno } from './libc.ts';

/**
 * The error of the call that just failed, about an open file or about `name` in an open directory. Its path is asked of the kernel, so that
 * nothing has to carry paths along for the rare case of an error.
 */
export function failure(syscall: string, fd: number, name?: ByteName): SystemError {
  return failureOf(errnoName(lastErrno()), syscall, fd, name);
}

/** The same for an errno that is known already. */
export function failureOf(errno: string, syscall: string, fd: number, name?: ByteName): SystemError {
  return new SystemError(errno, syscall, legiblePath(fd, name));
}

/** Whether the call that just failed did so for one of these reasons. */
export function failedWith(...errnos: string[]): boolean {
  return errnos.includes(errnoName(lastErrno()));
}

function legiblePath(fd: number, name: ByteName | undefined): string {
  let path: string;
  try {
    path = showName(nameFromBytes(readlinkSync(`/proc/self/fd/${fd}`, 'buffer')));
  } catch {
    // Deeper than PATH_MAX, closed already, or no /proc: the name alone must do.
    path = '…';
  }
  return name === undefined ? path : `${path === '/' ? '' : path}/${showName(name)}`;
}
