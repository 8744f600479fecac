import { closeSync, ftruncateSync, openSync } from 'node:fs';
import koffi from 'koffi';

const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MS_SYNC = 4;

const library = koffi.load(null);
const mmap = library.func('void *mmap(void *, size_t, int, int, int, long)');
const memset = library.func('void *memset(void *, int, size_t)');
const msync = library.func('int msync(void *, size_t, int)');
const munmap = library.func('int munmap(void *, size_t)');

/** A file of one page that is written through memory: its descriptor is closed, but the mapping keeps it open. */
export class MappedFile {
  static readonly bytes = 4096;
  readonly #at: unknown;

  constructor(path: string) {
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, MappedFile.bytes);
    this.#at = mmap(null, MappedFile.bytes, PROT_WRITE, MAP_SHARED, fd, 0);
    closeSync(fd);
  }

  fill(byte: number): void {
    memset(this.#at, byte, MappedFile.bytes);
  }
  /** Writes it to the disk: what is filled in after this changes the modification time once more. */
  sync(): void {
    msync(this.#at, MappedFile.bytes, MS_SYNC);
  }
  unmap(): void {
    munmap(this.#at, MappedFile.bytes);
  }
}
