import type { ByteName } from '../base/names.ts';
import { inNanoseconds, wide, writeNanoseconds } from './wide.ts';

/**
 * Entries of directories with their stats, side by side in one buffer that can be handed to another thread: for walks over so many files that an object for
 * each would cost more than the walk.
 *
 * A record begins at a multiple of 8: bytes 16 to 143 of `struct statx` (see stat.ts), the length of the name (2 bytes), the name, padding.
 */
export const STATX_FROM = 16;
export const STATX_TO = 144;
const STAT_BYTES = STATX_TO - STATX_FROM;
const NAME = STAT_BYTES + 2;

/** Grows as records are added; `finish` hands the bytes over. */
export class PackedEntries {
  #bytes: Uint8Array<ArrayBuffer>;
  #used = 0;
  #count = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  get count(): number {
    return this.#count;
  }
  get usedBytes(): number {
    return this.#used;
  }

  /** Appends an entry: `statx` is a whole `struct statx`, the name stands in `names` from `nameFrom` to `nameTo`. */
  add(statx: Uint8Array, names: Uint8Array, nameFrom: number, nameTo: number): void {
    const length = nameTo - nameFrom;
    const at = this.#used;
    const end = multipleOf8(at + NAME + length);
    if (end > this.#bytes.length) this.#grow(end);
    const bytes = this.#bytes;
    for (let i = STATX_FROM; i < STATX_TO; i++) bytes[at + i - STATX_FROM] = statx[i] as number;
    bytes[at + STAT_BYTES] = length & 0xff;
    bytes[at + STAT_BYTES + 1] = length >> 8;
    for (let i = 0; i < length; i++) bytes[at + NAME + i] = names[nameFrom + i] as number;
    this.#used = end;
    this.#count++;
  }

  /** Steps through the records that begin at byte `from`. Valid until more are added. */
  reader(from: number): PackedReader {
    return new PackedReader(this.#bytes.subarray(from, this.#used));
  }

  /** All records so far, in a buffer of their own size that now belongs to the caller; this object begins anew. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#used);
    this.clear();
    return bytes;
  }

  /** Forgets all records. */
  clear(): void {
    this.#used = 0;
    this.#count = 0;
  }

  #grow(leastBytes: number): void {
    // Some 28 million entries, which are never split: a directory is listed in one go.
    if (leastBytes > MOST_BYTES) throw new RangeError(`a listing of more than ${MOST_BYTES} bytes`);
    const larger = new Uint8Array(Math.max(leastBytes, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Offsets are unsigned numbers of 32 bits. */
const MOST_BYTES = 2 ** 32 - 8;

/** The next one from `bytes` on, which is below 2^32 - 7. */
function multipleOf8(bytes: number): number {
  return ((bytes + 7) & ~7) >>> 0;
}

const KIND_AND_MODE = 28 - STATX_FROM;

/** Steps through the records of a buffer that `PackedEntries.finish` made. The properties are those of the record that `next` has moved to. */
export class PackedReader {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly #words: Uint32Array;
  #at = 0;
  #end = 0;
  #word = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  }

  /** Moves to the next record; false behind the last. */
  next(): boolean {
    this.#at = this.#end;
    if (this.#at >= this.bytes.length) return false;
    this.#word = this.#at >>> 2;
    this.#end = multipleOf8(this.#at + NAME + this.nameLength);
    return true;
  }

  /** The kind as a directory entry type. */
  get type(): number {
    return (this.bytes[this.#at + KIND_AND_MODE + 1] as number) >> 4;
  }
  get mode(): number {
    return (this.#words[this.#word + 3] as number) & 0o7777;
  }
  get links(): number {
    return this.#words[this.#word] as number;
  }
  get uid(): number {
    return this.#words[this.#word + 1] as number;
  }
  get gid(): number {
    return this.#words[this.#word + 2] as number;
  }
  get inode(): bigint {
    return wide(this.#words[this.#word + 4] as number, this.#words[this.#word + 5] as number);
  }
  /** A number where it is exact as one: what costs no object. */
  get inodeValue(): number | bigint {
    const high = this.#words[this.#word + 5] as number;
    return high < 1 << 21 ? high * HIGH + (this.#words[this.#word + 4] as number) : this.inode;
  }
  get size(): number {
    return this.#long(6);
  }
  /** In units of 512 bytes. */
  get blocks(): number {
    return this.#long(8);
  }
  /** Birth time in ns since 1970; 0 where it is not kept. */
  get born(): bigint {
    return this.#time(BORN);
  }
  get ctime(): bigint {
    return this.#time(CTIME);
  }
  get mtime(): bigint {
    return this.#time(MTIME);
  }
  /** major × 2^32 + minor. */
  get device(): number {
    return (this.#words[this.#word + 30] as number) * HIGH + (this.#words[this.#word + 31] as number);
  }
  get name(): ByteName {
    const from = this.nameFrom;
    return this.bytes.toString('latin1', from, from + this.nameLength) as ByteName;
  }
  /** A view of the buffer. */
  get nameBytes(): Uint8Array {
    // Not by a method of Buffer's: what it makes costs twice as much.
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.nameFrom, this.nameLength);
  }
  /** Where in `bytes` the name begins. */
  get nameFrom(): number {
    return this.#at + NAME;
  }
  /** In bytes. */
  get nameLength(): number {
    return (this.bytes[this.#at + STAT_BYTES] as number) | ((this.bytes[this.#at + STAT_BYTES + 1] as number) << 8);
  }

  /** Writes what takes 64 bits, little-endian, to these places of `into`, with no bigint on the way. */
  writeWide(into: DataView, inodeAt: number, mtimeAt: number, ctimeAt: number, bornAt: number): void {
    into.setUint32(inodeAt, this.#words[this.#word + 4] as number, true);
    into.setUint32(inodeAt + 4, this.#words[this.#word + 5] as number, true);
    this.#writeTime(MTIME, into, mtimeAt);
    this.#writeTime(CTIME, into, ctimeAt);
    this.#writeTime(BORN, into, bornAt);
  }

  #long(word: number): number {
    return (this.#words[this.#word + word + 1] as number) * HIGH + (this.#words[this.#word + word] as number);
  }
  #time(word: number): bigint {
    const at = this.#word + word;
    return inNanoseconds(this.#words[at] as number, this.#words[at + 1] as number, this.#words[at + 2] as number);
  }
  #writeTime(word: number, into: DataView, to: number): void {
    const at = this.#word + word;
    writeNanoseconds(into, to, this.#words[at] as number, this.#words[at + 1] as number, this.#words[at + 2] as number);
  }
}

const HIGH = 0x1_0000_0000;

/** Words of a record at which times begin: seconds (2), nanoseconds (1). */
const BORN = 16;
const CTIME = 20;
const MTIME = 24;
