import { system } from '../../sys/system.ts';

/** So many files of a thread are being fetched at once. */
const AHEAD = 64;

interface FetchedFile {
  readonly fd: number;
  readonly read: () => void;
}

/** Open files that are read a while after the kernel was asked to fetch them (`adviseWillNeed`), the first first: a disk answers many such questions in the time of one. */
export class FetchedFiles {
  readonly #waiting: FetchedFile[] = [];

  /** Takes an open file over. `read`, which has to see to its own failures, is called once; then the file is closed. */
  add(fd: number, read: () => void): void {
    this.#waiting.push({ fd, read });
    if (this.#waiting.length > AHEAD) this.#readFirst();
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
