import type { ByteName } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import { firstEqual, hashOfNumber, repeated } from './first-equal.ts';
import { IDENTITY_WORDS, type ListReply, type PackedFiles } from './messages.ts';

/** Found files, by number in the order in which they were found, in columns: an object for each would cost more than finding it. */
export class FileList {
  readonly #folders: ByteName[] = [];
  readonly #names: ByteName[] = [];
  readonly #folderOf = new Column(Uint32Array);
  readonly #sizes = new Column(Float64Array);
  readonly #marks = new Column(Float64Array);
  readonly #identities = new Column(Uint32Array);

  add({ files: { folders, counts, names, sizes }, identities, marks }: ListReply): void {
    if (sizes.length === 0) return;
    const folderOf = new Uint32Array(sizes.length);
    let at = 0;
    for (const [i, folder] of folders.entries()) {
      const count = counts[i] as number;
      if (count === 0) continue;
      folderOf.fill(this.#folders.length, at, at + count);
      this.#folders.push(folder);
      at += count;
    }
    for (const name of names.split('/')) this.#names.push(name as ByteName);
    this.#folderOf.push(folderOf);
    this.#sizes.push(sizes);
    this.#identities.push(identities);
    this.#marks.push(marks);
  }

  sizeOf(file: number): number {
    return this.#sizes.values[file] as number;
  }

  pathOf(file: number): ByteName {
    return joined(this.#folders[this.#folderOf.values[file] as number] as ByteName, this.#names[file] as ByteName);
  }

  /** A number that is the same for equal files; NaN where it is not known. */
  markOf(file: number): number {
    return this.#marks.values[file] as number;
  }

  setMarks(files: readonly number[], marks: Float64Array): void {
    for (const [i, file] of files.entries()) this.#marks.values[file] = marks[i] as number;
  }

  /** Those whose size another has too; of several links to one file, and of a file that was found twice, the first alone. */
  withTwinSize(): number[] {
    const ids = this.#identities.values;
    const word = (file: number, i: number): number => ids[file * IDENTITY_WORDS + i] as number;
    const links = firstEqual(
      this.#names.length,
      (file) => word(file, 3) ^ Math.imul(word(file, 2), 31) ^ Math.imul(word(file, 1), 0x10001),
      (a, b) => word(a, 3) === word(b, 3) && word(a, 2) === word(b, 2) && word(a, 1) === word(b, 1) && word(a, 0) === word(b, 0),
    );
    const distinct: number[] = [];
    for (let file = 0; file < links.length; file++) if (links[file] === file) distinct.push(file);
    return repeatedIn(
      distinct,
      (file) => hashOfNumber(this.sizeOf(file)),
      (a, b) => this.sizeOf(a) === this.sizeOf(b),
    );
  }

  /** Those of `files` whose size and mark another of them has too. */
  alike(files: readonly number[]): number[] {
    return repeatedIn(
      files.filter((file) => !Number.isNaN(this.markOf(file))),
      (file) => hashOfNumber(this.markOf(file)),
      (a, b) => this.markOf(a) === this.markOf(b) && this.sizeOf(a) === this.sizeOf(b),
    );
  }

  /** Files in the order in which they were found, for another thread. */
  pack(files: readonly number[]): PackedFiles {
    const folders: ByteName[] = [];
    const counts: number[] = [];
    let previous = -1;
    for (const file of files) {
      const folder = this.#folderOf.values[file] as number;
      if (folder !== previous) {
        folders.push(this.#folders[folder] as ByteName);
        counts.push(0);
        previous = folder;
      }
      counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    }
    return {
      folders,
      counts: Uint32Array.from(counts),
      names: files.map((file) => this.#names[file]).join('/'),
      sizes: Float64Array.from(files, (file) => this.sizeOf(file)),
    };
  }
}

function repeatedIn(files: readonly number[], hashOf: (file: number) => number, areEqual: (a: number, b: number) => boolean): number[] {
  const first = firstEqual(
    files.length,
    (i) => hashOf(files[i] as number),
    (a, b) => areEqual(files[a] as number, files[b] as number),
  );
  return repeated(first).map((i) => files[i] as number);
}

/** Numbers of one kind that grow by many at once. */
class Column<Numbers extends Uint32Array | Float64Array> {
  #values: Numbers;
  #length = 0;

  constructor(kind: new (length: number) => Numbers) {
    this.#values = new kind(1 << 12);
  }

  push(numbers: Numbers): void {
    const length = this.#length + numbers.length;
    if (length > this.#values.length) {
      const larger = new (this.#values.constructor as new (length: number) => Numbers)(Math.max(length, this.#values.length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(numbers, this.#length);
    this.#length = length;
  }

  /** With room behind the last of them. */
  get values(): Numbers {
    return this.#values;
  }
}
