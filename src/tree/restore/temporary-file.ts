import type { ByteName } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';

/** A new file under a temporary name. It is removed when it is disposed of before it was put in place. */
export class TemporaryFile implements Disposable {
  readonly fd: number;
  readonly #directory: Directory;
  readonly #name: ByteName;
  #isInPlace = false;

  /** Made with `mode`, open for reading and writing. `name` must be free, and nobody else's. */
  constructor(directory: Directory, name: ByteName, mode: number) {
    this.#directory = directory;
    this.#name = name;
    this.fd = directory.openFile(name, 'createExclusive', mode);
  }

  /** Gives it its name, in place of what has it: at every moment that stands for the old or for the new. */
  putInPlace(name: ByteName): void {
    this.#directory.rename(this.#name, this.#directory, name);
    this.#isInPlace = true;
  }

  [Symbol.dispose](): void {
    system().closeFile(this.fd);
    if (!this.#isInPlace) this.#directory.remove(this.#name);
  }
}
