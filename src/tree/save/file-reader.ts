import { hasErrno, SystemError, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { Directory } from '../../sys/types.ts';

/** There is no such file any more. */
export class VanishedError extends SystemError {
  constructor(name: ByteName) {
    super('ENOENT', 'open', showName(name));
  }
}

/** Something else has taken the name of a file since it was listed. */
export class ReplacedError extends VarveError {
  readonly path: string;

  constructor(name: ByteName) {
    super('REPLACED', 'became something else while it was saved');
    this.path = showName(name);
  }
}

/** Whether an error concerns the one file that was being read; what concerns the store ends the save. */
export function isItemFailure(error: unknown): error is VarveError {
  return error instanceof VarveError && !('store' in error) && 'path' in error && error.advice === undefined;
}

/** A descriptor of the file; throws VanishedError when it is gone, ReplacedError when it has become something else. */
export function openFile(directory: Directory, name: ByteName): number {
  try {
    return directory.openFile(name, 'read');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw new VanishedError(name);
    if (hasErrno(error, 'ELOOP', 'ENXIO')) throw new ReplacedError(name);
    throw error;
  }
}
