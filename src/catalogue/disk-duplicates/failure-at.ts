import { hasErrno, SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import type { DiskFailure } from './messages.ts';

/** What failed, as it is told to the thread that asked. Throws the error again when no system call has failed. */
export function failureAt(path: ByteName, error: unknown): DiskFailure {
  if (!(error instanceof SystemError)) throw error;
  return { path, code: error.errno, message: error.message };
}

/** Whether a file has just gone, which is no failure. */
export function hasVanished(error: unknown): boolean {
  return hasErrno(error, 'ENOENT');
}
