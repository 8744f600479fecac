import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Real bytes, no two of which are the same place of a file: the content of `root`'s files, one after another in the order of their paths,
 * each cut into the sizes that are asked for. When the files are used up they come again with one more added to every byte, which
 * compresses as well and equals nothing that was before.
 */
export class Material {
  readonly #root: string;
  #files: Iterator<string>;
  #round = 0;
  #open: number | undefined;
  /** The extension of the file that bytes come from, with its dot, or nothing. */
  extension = '';

  constructor(root: string) {
    this.#root = root;
    this.#files = filesUnder(root);
  }

  /** The next bytes, in a fresh buffer; fewer than `size` at the end of a file, never none. */
  take(size: number): Buffer {
    const buffer = Buffer.allocUnsafe(size);
    for (;;) {
      this.#open ??= this.#next();
      const read = readSync(this.#open, buffer, 0, size, null);
      if (read > 0) return this.#shifted(buffer.subarray(0, read));
      this.close();
    }
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  #shifted(bytes: Buffer): Buffer {
    if (this.#round > 0) for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] as number) + this.#round;
    return bytes;
  }

  #next(): number {
    let next = this.#files.next();
    if (next.done) {
      this.#round += 1;
      this.#files = filesUnder(this.#root);
      next = this.#files.next();
    }
    if (next.done) throw new Error(`${this.#root} has no files to make a corpus from`);
    this.extension = /\.[a-z][a-z0-9]{0,4}$/.exec(next.value)?.[0] ?? '';
    return openSync(next.value, 'r');
  }
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile()) yield path;
  }
}
