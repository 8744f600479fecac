import { system } from '../../sys/system.ts';
import type { FileRange } from '../../sys/types.ts';

/** An open file. `read`, which has to see to its own failures, is called once; then the file is closed. */
export interface FileToFetch {
  readonly fd: number;
  readonly ranges: readonly FileRange[];
  /** By this number files are likely to lie one behind the other on the disk. */
  readonly order: number;
  readonly read: () => void;
}

/** Files that a disk is asked for many at once (`fetchRanges`), and that are read when the next ones have been asked for: it answers many questions in the time of one. */
export class FetchedFiles {
  readonly #atOnce: number;
  #opened: FileToFetch[] = [];
  #fetched: readonly FileToFetch[] = [];

  /** Twice as many are open. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Takes an open file over, unless it throws. */
  add(file: FileToFetch): void {
    if (this.#opened.length >= this.#atOnce) this.#goOn();
    this.#opened.push(file);
  }

  /** Reads all that wait. */
  finish(): void {
    this.#goOn();
    this.#goOn();
  }

  #goOn(): void {
    const before = this.#fetched;
    this.#fetched = this.#opened.sort((a, b) => a.order - b.order);
    this.#opened = [];
    system().fetchRanges(this.#fetched.flatMap(({ ranges }) => ranges));
    for (const { fd, read } of before) {
      try {
        read();
      } finally {
        system().closeFile(fd);
      }
    }
  }
}
