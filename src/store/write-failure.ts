import { hasErrno, SystemError } from '../base/errors.ts';

/** Whether a write failed because the disk, or a quota, is full. */
export function isFull(error: unknown): boolean {
  return hasErrno(error, 'ENOSPC', 'EDQUOT');
}

/** Whether a write failed because nothing can be written there: by the user's rights, the file system, or for lack of space. */
export function isUnwritable(error: unknown): boolean {
  return hasErrno(error, 'EROFS', 'EACCES', 'EPERM') || isFull(error);
}

/**
 * The error of a write to a store that failed: what, where, that nothing is lost by it, and what to do. What is no failed system call, or says already
 * what to do, is given back as it is.
 */
export function writeFailure(error: unknown, path: string): unknown {
  if (error instanceof SystemError && error.advice !== undefined) return error;
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown };
  if (typeof code !== 'string' || typeof syscall !== 'string') return error;
  const advice = isFull(error)
    ? 'Free some space (varve forget and varve gc may help) and run the command again; what the store held before is intact.'
    : 'What the store held before is intact; mend the cause and run the command again.';
  return new SystemError(code, syscall, path, { advice, cause: error });
}

/** Runs `write`; what it throws is told as a failed write to `path`. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw writeFailure(error, path);
  }
}
