import type { ByteName } from '../../base/names.ts';
import { nameFromBytes } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import { Column } from './column.ts';
import { FileColumns } from './file-columns.ts';
import { firstEqual, hashOfNumber, repeated } from './first-equal.ts';
import { IDENTITY_WORDS, type ListReply, type PackedFiles } from './messages.ts';

/** Found files, by number in the order in which they were found, in columns: an object for each would cost more than finding it. */
export class FileList {
  readonly #folders: ByteName[] = [];
  readonly #folderOf = new Column(Uint32Array);
  readonly #names = new Column(Uint8Array);
  readonly #nameEnds = new Column(Uint32Array);
  readonly #sizes = new Column(Float64Array);
  readonly #marks = new Column(Float64Array);
  readonly #identities = new Column(Uint32Array);

  add({ files: { folders, counts, names, nameEnds, sizes }, identities, marks }: ListReply): void {
    const folderOf = new Uint32Array(sizes.length);
    let at = 0;
    for (const [i, folder] of folders.entries()) {
      const count = counts[i] as number;
      if (count === 0) continue;
      folderOf.fill(this.#folders.length, at, at + count);
      this.#folders.push(folder);
      at += count;
    }
    const before = this.#names.length;
    this.#folderOf.append(folderOf);
    this.#nameEnds.append(nameEnds.map((end) => before + end));
    this.#names.append(names);
    this.#sizes.append(sizes);
    this.#identities.append(identities);
    this.#marks.append(marks);
  }

  sizeOf(file: number): number {
    return this.#sizes.values[file] as number;
  }

  pathOf(file: number): ByteName {
    const folder = this.#folders[this.#folderOf.values[file] as number] as ByteName;
    return joined(folder, nameFromBytes(this.#names.values.subarray(this.#nameFrom(file), this.#nameEnds.values[file])));
  }

  /** A number that is the same for equal files; NaN where it is not known. */
  markOf(file: number): number {
    return this.#marks.values[file] as number;
  }

  setMarks(files: readonly number[], marks: Float64Array): void {
    for (const [i, file] of files.entries()) this.#marks.values[file] = marks[i] as number;
  }

  /** Those whose size another has too. */
  withTwinSize(): number[] {
    const sizes = this.#sizes.values;
    const first = firstEqual(
      this.#sizes.length,
      (file) => hashOfNumber(sizes[file] as number),
      (a, b) => sizes[a] === sizes[b],
    );
    return repeated(first);
  }

  /** Of several links to one file, and of a file that was found twice, the first alone. */
  distinct(files: readonly number[]): number[] {
    const ids = this.#identities.values;
    const first = firstEqual(
      files.length,
      (i) => ids[(files[i] as number) * IDENTITY_WORDS] as number,
      (a, b) => {
        const [at, other] = [(files[a] as number) * IDENTITY_WORDS, (files[b] as number) * IDENTITY_WORDS];
        for (let i = 0; i < IDENTITY_WORDS; i++) if (ids[at + i] !== ids[other + i]) return false;
        return true;
      },
    );
    return files.filter((_, i) => first[i] === i);
  }

  /** Those of `files` whose size and mark another of them has too. */
  alike(files: readonly number[]): number[] {
    const marked = files.filter((file) => !Number.isNaN(this.markOf(file)));
    const first = firstEqual(
      marked.length,
      (i) => hashOfNumber(this.markOf(marked[i] as number)),
      (a, b) => {
        const [one, other] = [marked[a] as number, marked[b] as number];
        return this.markOf(one) === this.markOf(other) && this.sizeOf(one) === this.sizeOf(other);
      },
    );
    return repeated(first).map((i) => marked[i] as number);
  }

  /** Files in the order in which they were found, for another thread. */
  pack(files: readonly number[]): PackedFiles {
    const columns = new FileColumns();
    let previous = -1;
    for (const file of files) {
      const folder = this.#folderOf.values[file] as number;
      if (folder !== previous) columns.enter(this.#folders[folder] as ByteName);
      columns.add(this.#names.values, this.#nameFrom(file), this.#nameEnds.values[file] as number, this.sizeOf(file));
      previous = folder;
    }
    return columns.take();
  }

  #nameFrom(file: number): number {
    return file === 0 ? 0 : (this.#nameEnds.values[file - 1] as number);
  }
}
