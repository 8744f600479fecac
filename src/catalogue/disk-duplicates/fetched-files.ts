import { system } from '../../sys/system.ts';

interface FetchedFile {
  readonly fd: number;
  readonly read: () => void;
}

/** Open files that are read a while after the kernel was asked to fetch them (`adviseWillNeed`), the first first: a disk answers many such questions in the time of one. */
export class FetchedFiles {
  readonly #most: number;
  readonly #waiting: FetchedFile[] = [];

  /** At most `most` files, one at the least, are open at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes an open file over, unless it throws. `read`, which has to see to its own failures, is called once; then the file is closed. */
  add(fd: number, read: () => void): void {
    if (this.#waiting.length >= this.#most) this.#readFirst();
    this.#waiting.push({ fd, read });
  }

  /** Reads all that wait. */
  finish(): void {
    while (this.#waiting.length > 0) this.#readFirst();
  }

  #readFirst(): void {
    const { fd, read } = this.#waiting.shift() as FetchedFile;
    try {
      read();
    } finally {
      system().closeFile(fd);
    }
  }
}
