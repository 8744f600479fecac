import { threadId } from 'node:worker_threads';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Directory } from '../../sys/types.ts';

let count = 0;

/** What that is called which is not complete yet; another one each time. */
export function newTemporaryName(): ByteName {
  const random = Math.random().toString(36).slice(2, 10);
  return nameFromText(`.varve-restore-${process.pid}-${threadId}-${count++}-${random}.tmp`);
}

/** What `putInPlace` uses, and nobody else: it is free again before anything else of this thread is done. */
const temporaryName = newTemporaryName();

/**
 * Gives what `make` makes under the name that it is told its own name, in place of what has it: at every moment that stands for the old or for the new. Synchronous, so a
 * killed restore leaves at most one such name a thread behind.
 */
export function putInPlace(directory: Directory, name: ByteName, make: (temporary: ByteName) => void): void {
  make(temporaryName);
  try {
    directory.rename(temporaryName, directory, name);
  } catch (error) {
    directory.remove(temporaryName);
    throw error;
  }
}
