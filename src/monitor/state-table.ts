import { SIGNATURE_BYTES, Stat } from '../sys/stat.ts';
import type { FileState } from './types.ts';

const SLAB_ROWS = 4096;

/** States of files, 80 bytes each (a signature, and the birth time), in slabs outside of the heap of JavaScript. */
export class StateTable {
  readonly #signatures: Uint8Array[] = [];
  readonly #births: BigInt64Array[] = [];
  readonly #stat = new Stat();

  set(row: number, stat: Stat): void {
    const slab = Math.floor(row / SLAB_ROWS);
    while (this.#signatures.length <= slab) {
      this.#signatures.push(new Uint8Array(SLAB_ROWS * SIGNATURE_BYTES));
      this.#births.push(new BigInt64Array(SLAB_ROWS));
    }
    stat.signature(this.#signatures[slab] as Uint8Array, (row % SLAB_ROWS) * SIGNATURE_BYTES);
    (this.#births[slab] as BigInt64Array)[row % SLAB_ROWS] = stat.bornNs;
  }

  get(row: number): FileState {
    const { kind, size, mode, uid, gid, nlink, mtimeNs, ctimeNs, dev, ino } = this.#load(row);
    if (kind === undefined) throw new TypeError('only files of a known kind have rows');
    return { kind, size, mode, uid, gid, links: nlink, mtimeNs, ctimeNs, bornNs: this.#born(row), device: dev, inode: ino };
  }

  device(row: number): number {
    return this.#load(row).dev;
  }
  inodeApproximate(row: number): number {
    return this.#load(row).inoApproximate;
  }
  isDirectory(row: number): boolean {
    return this.#load(row).kind === 'directory';
  }
  /** Whether it is a file of several links. */
  isLinked(row: number): boolean {
    const known = this.#load(row);
    return known.nlink > 1 && known.kind !== 'directory';
  }

  /** Whether it is the file that was seen here, whatever has become of it. */
  isSameFile(row: number, stat: Stat): boolean {
    const known = this.#load(row);
    return known.sameFile(stat) && known.type === stat.type && this.#born(row) === stat.bornNs;
  }

  /** The same of a file that is met elsewhere: where no birth time is kept, an inode that was used again is told by what would have stayed. */
  isRecognised(row: number, stat: Stat): boolean {
    if (!this.isSameFile(row, stat)) return false;
    const known = this.#stat;
    return stat.bornNs !== 0n || stat.kind === 'directory' || (known.size === stat.size && known.mtimeNs === stat.mtimeNs);
  }

  /** Whether the same file has changed in what is told of it. */
  differs(row: number, stat: Stat): boolean {
    const known = this.#load(row);
    if (stat.kind !== 'directory') return !known.sameAs(stat);
    return known.mode !== stat.mode || known.uid !== stat.uid || known.gid !== stat.gid;
  }

  /** Valid until the next call. */
  #load(row: number): Stat {
    this.#stat.loadSignature(this.#signatures[Math.floor(row / SLAB_ROWS)] as Uint8Array, (row % SLAB_ROWS) * SIGNATURE_BYTES);
    return this.#stat;
  }

  #born(row: number): bigint {
    return this.#births[Math.floor(row / SLAB_ROWS)]?.[row % SLAB_ROWS] as bigint;
  }
}
