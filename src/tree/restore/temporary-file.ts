import { hasErrno } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { temporaryName } from './temporary-name.ts';

/** A new file under this thread's temporary name, of which there is one at a time. It is removed when it is disposed of before it was put in place. */
export class TemporaryFile implements Disposable {
  readonly fd: number;
  readonly #directory: Directory;
  #isInPlace = false;

  /** Made with `mode`, open for reading and writing. A name that a killed process of the same number left is taken over. */
  constructor(directory: Directory, mode: number) {
    this.#directory = directory;
    try {
      this.fd = directory.openFile(temporaryName, 'createExclusive', mode);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      directory.remove(temporaryName);
      this.fd = directory.openFile(temporaryName, 'createExclusive', mode);
    }
  }

  /** Gives it its name, in place of what has it: at every moment that stands for the old or for the new. */
  putInPlace(name: ByteName): void {
    this.#directory.rename(temporaryName, this.#directory, name);
    this.#isInPlace = true;
  }

  [Symbol.dispose](): void {
    system().closeFile(this.fd);
    if (!this.#isInPlace) this.#directory.remove(temporaryName);
  }
}
