import type { Directory } from '../../sys/types.ts';

/** An open directory that the walk and the readers of its files use; closed after the last of them. */
export class SharedHandle {
  /** How many are open, of all saves of this thread. */
  static openCount = 0;
  readonly directory: Directory;
  #users = 1;

  /** The maker is the first user. */
  constructor(directory: Directory) {
    this.directory = directory;
    SharedHandle.openCount++;
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    SharedHandle.openCount--;
    this.directory.close();
  }
}
