import { DigestTable } from '../../digest-table.ts';
import { KEY_BYTES, type Location, MAX_SEGMENT_BYTES, ROW_BYTES, readLocation, writeRow } from './row.ts';
import { type Coverage, compareKeys } from './run.ts';

/** Rows that are not in a run yet: blocks that this thread has written, or found while scanning segments. */
export class PendingRows {
  readonly #table = new DigestTable(KEY_BYTES);
  #rows = new Uint8Array(1024 * ROW_BYTES);
  readonly #segments: string[] = [];
  readonly #ends = new Map<string, number>();

  get size(): number {
    return this.#table.size;
  }

  /** Remembers the block whose hash stands at `hashAt` in `hash`; a second location of the same block is forgotten. */
  add(hash: Uint8Array, hashAt: number, location: Location): void {
    if (location.offset > MAX_SEGMENT_BYTES) throw new RangeError(`offset ${location.offset} is beyond what an index row can hold`);
    if (!this.#table.add(hash, hashAt)) return;
    const at = (this.#table.size - 1) * ROW_BYTES;
    if (at + ROW_BYTES > this.#rows.length) {
      const larger = new Uint8Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    writeRow(this.#rows, at, hash, hashAt, this.#segmentNumber(location.segment), location);
  }

  /** Says that everything of `segment` up to `end` is indexed once these rows are. */
  cover(segment: string, end: number): void {
    this.#segmentNumber(segment);
    this.#ends.set(segment, Math.max(end, this.#ends.get(segment) ?? 0));
  }

  find(hash: Uint8Array): Location | undefined {
    const row = this.#table.find(hash);
    if (row < 0) return undefined;
    const { segment, ...rest } = readLocation(this.#rows, row * ROW_BYTES);
    return { segment: this.#segments[segment] as string, ...rest };
  }

  /** Whether the owner has to publish before it adds another record's rows. */
  get isFull(): boolean {
    return this.#table.size >= PendingRows.publishRows;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  coverage(): Coverage[] {
    return this.#segments.map((segment) => ({ segment, end: this.#ends.get(segment) ?? 0 }));
  }

  /** All rows in the order of their keys. */
  sorted(): Uint8Array {
    const rows = this.#table.size;
    const order = this.#sortedOrder(rows);
    const sorted = new Uint8Array(rows * ROW_BYTES);
    for (let i = 0; i < rows; i++) {
      const from = (order[i] as number) * ROW_BYTES;
      sorted.set(this.#rows.subarray(from, from + ROW_BYTES), i * ROW_BYTES);
    }
    return sorted;
  }

  clear(): void {
    this.#table.clear();
    this.#segments.length = 0;
    this.#ends.clear();
  }

  /**
   * Row numbers by key. Sorting numbers natively is many times faster than with a comparator, so the first 32 bits of the key and the
   * row number (up to 21 bits) are packed into one double, and the few ties are put right afterwards.
   */
  #sortedOrder(rows: number): Uint32Array {
    if (rows > PendingRows.maxRows) throw new RangeError('too many pending index rows');
    const packed = new Float64Array(rows);
    const view = new DataView(this.#rows.buffer);
    for (let row = 0; row < rows; row++) packed[row] = view.getUint32(row * ROW_BYTES) * 2 ** 21 + row;
    packed.sort();
    const order = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      const row = (packed[i] as number) % 2 ** 21;
      let at = i;
      while (at > 0 && compareKeys(this.#rows, row * ROW_BYTES, this.#rows, (order[at - 1] as number) * ROW_BYTES) < 0) {
        order[at] = order[at - 1] as number;
        at--;
      }
      order[at] = row;
    }
    return order;
  }

  /** So many can be sorted; scanning a segment may come near it. */
  static readonly maxRows = 2 ** 20;
  /** A writer publishes at this number: the memory of a save does not grow with it, and what is published survives a kill. */
  static readonly publishRows = 2 ** 16;

  #segmentNumber(segment: string): number {
    const last = this.#segments.length - 1;
    if (last >= 0 && this.#segments[last] === segment) return last;
    const known = this.#segments.indexOf(segment);
    return known >= 0 ? known : this.#segments.push(segment) - 1;
  }
}
