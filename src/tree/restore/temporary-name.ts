import { threadId } from 'node:worker_threads';
import { type ByteName, nameFromText } from '../../base/names.ts';
import type { Directory } from '../../sys/types.ts';

/** What a thread of this process calls that which is not complete yet. A killed restore leaves at most one such name a thread behind. */
export const temporaryName: ByteName = nameFromText(
  `.varve-restore-${process.pid}-${threadId}-${Math.random().toString(36).slice(2, 10)}.tmp`,
);

/** Gives what `make` makes under the temporary name its own name, in place of what has it: at every moment that stands for the old or for the new. */
export function putInPlace(directory: Directory, name: ByteName, make: () => void): void {
  make();
  try {
    directory.rename(temporaryName, directory, name);
  } catch (error) {
    directory.remove(temporaryName);
    throw error;
  }
}
