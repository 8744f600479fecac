import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECE_BYTES = 256 * 1024;

/** Bytes that wait for a reader, in a file without a name among the temporary ones (`TMPDIR`). Throws what Node throws; then nothing of that call is in it. */
export class Spool {
  readonly #fd: number;
  #length = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'varve-'));
    try {
      this.#fd = openSync(join(folder, 'output'), 'wx+', 0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#length + done);
    this.#length += bytes.length;
  }

  /** All of it, in pieces that are valid until the next one. */
  *pieces(): Generator<Uint8Array> {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let done = 0; done < this.#length; ) {
      const read = readSync(this.#fd, piece, 0, Math.min(piece.length, this.#length - done), done);
      if (read === 0) throw new Error('what waited for a reader of the output was cut off');
      yield piece.subarray(0, read);
      done += read;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
