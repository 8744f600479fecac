import type { ByteName } from '../../base/names.ts';
import { Column } from './column.ts';
import type { PackedFiles } from './messages.ts';

/** Files as they are met in one folder after another, for a `PackedFiles`. */
export class FileColumns {
  readonly #folders: ByteName[] = [];
  readonly #counts: number[] = [];
  readonly #names = new Column(Uint8Array);
  readonly #nameEnds = new Column(Uint32Array);
  readonly #sizes = new Column(Float64Array);

  /** How many files there are. */
  get count(): number {
    return this.#sizes.length;
  }

  /** What is added from now on is in that folder. */
  enter(folder: ByteName): void {
    this.#folders.push(folder);
    this.#counts.push(0);
  }

  /** The name stands in `names` from `from` to `to`. */
  add(names: Uint8Array, from: number, to: number, size: number): void {
    this.#names.copy(names, from, to);
    this.#nameEnds.add(this.#names.length);
    this.#sizes.add(size);
    this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) as number) + 1;
  }

  /** All of them; this begins anew. */
  take(): PackedFiles {
    return {
      folders: this.#folders.splice(0),
      counts: Uint32Array.from(this.#counts.splice(0)),
      names: this.#names.take(),
      nameEnds: this.#nameEnds.take(),
      sizes: this.#sizes.take(),
    };
  }
}
