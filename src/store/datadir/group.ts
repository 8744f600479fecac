import { giveBack } from '../../base/give-back.ts';
import { DigestTable } from '../digest-table.ts';
import { TableBuilder } from './record.ts';

/** Blocks are compressed together in groups of about this many bytes: larger compresses better, smaller is read sooner. */
export const GROUP_BYTES = 512 * 1024;
const MAX_GROUP_BLOCKS = 4096;
const USUAL_GROUP_BLOCKS = 256;

/** Blocks in memory that will be a record together. A block of GROUP_BYTES or more is a group of its own and is not copied. */
export class Group {
  #room: Uint8Array | undefined;
  #large: Uint8Array | undefined;
  #length = 0;
  #bulkBytes = 0;
  readonly #starts: number[] = [];
  readonly table: TableBuilder;
  /** The bare hashes of the blocks: row n is the n-th. */
  readonly blocks: DigestTable;

  constructor(hashBytes: number) {
    this.blocks = new DigestTable(hashBytes, USUAL_GROUP_BLOCKS);
    this.table = new TableBuilder(hashBytes);
  }

  get isEmpty(): boolean {
    return this.blocks.size === 0;
  }

  /** Whether a block of that size may still come into it. */
  hasRoom(size: number): boolean {
    return this.isEmpty || (this.#length + size <= GROUP_BYTES && this.blocks.size < MAX_GROUP_BLOCKS);
  }

  /** Adds a block whose bare hash stands at `at` in `hash`. Of a large one the bytes have to stay until `clear`. */
  add(hash: Uint8Array, at: number, bytes: Uint8Array, bulk: boolean): void {
    if (bytes.length >= GROUP_BYTES) {
      this.#large = bytes;
    } else {
      this.#room ??= new Uint8Array(GROUP_BYTES);
      this.#room.set(bytes, this.#length);
    }
    this.#starts.push(this.#length);
    this.#length += bytes.length;
    if (bulk) this.#bulkBytes += bytes.length;
    this.blocks.add(hash, at);
    this.table.add(hash, at, bytes.length);
  }

  /** All blocks, one after another; a view until the next `add`. */
  get bytes(): Uint8Array {
    return this.#large ?? (this.#room ?? new Uint8Array(0)).subarray(0, this.#length);
  }

  /** Whether most of it is bulk. */
  get isBulk(): boolean {
    return this.#bulkBytes * 2 > this.#length;
  }

  /** A block by its bare hash, in a fresh copy. */
  find(hash: Uint8Array): Uint8Array | undefined {
    const block = this.blocks.find(hash);
    return block < 0 ? undefined : this.bytes.slice(this.#starts[block], this.#starts[block + 1] ?? this.#length);
  }

  /** Gives its memory back at once; it may be filled again. */
  release(): void {
    this.clear();
    if (this.#room !== undefined) giveBack(this.#room);
    this.#room = undefined;
  }

  clear(): void {
    this.#large = undefined;
    this.#length = 0;
    this.#bulkBytes = 0;
    this.#starts.length = 0;
    this.blocks.clear();
    this.table.clear();
  }
}
