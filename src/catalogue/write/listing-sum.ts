import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { addHalfSipHash, type HalfSipKey } from '../../hash/half-sip-hash.ts';
import type { PackedReader } from '../../sys/packed-entries.ts';
import { kindOfType, typeOfKind } from '../../sys/stat.ts';
import { FIXED_BYTES, writeRecord, writeState } from '../state-codec.ts';
import type { NodeState } from '../types.ts';

/** Two words of 32 bits. */
export type Listing = Uint32Array;

/** Linux allows 255 bytes in a name; the top of a root, whose name is a path, is in no listing. Others allow 255 characters. */
const MOST_NAME_BYTES = 1024;
const DIRECTORY = typeOfKind('directory');

/** Where the parts of a state stand that follow what is in a directory: link count; size, disk usage, modification and change time. */
const FOLLOWING = [
  [2, 6],
  [30, 62],
] as const;

/**
 * What a listing of a directory with all stats comes to, as two words: the sum over its entries (docs/formats.md, column `listing`). As it can be had of rows and of a fresh listing, an
 * unchanged directory is recognised by one comparison, and its rows need not be read. What follows from the content of a directory below is left out: that one has a listing itself.
 */
export class ListingSum {
  readonly #key: HalfSipKey;
  readonly #words = new Uint32Array(((FIXED_BYTES + MOST_NAME_BYTES) >> 2) + 1);
  readonly #bytes = Buffer.from(this.#words.buffer);
  readonly #view = new DataView(this.#words.buffer);

  constructor(key: HalfSipKey) {
    this.#key = key;
  }

  static none(): Listing {
    return new Uint32Array(2);
  }

  /** The record at which `record` stands. What is of a kind that the catalogue does not know has no row. */
  addRecord(to: Listing, record: PackedReader): void {
    if (kindOfType(record.type) === undefined) return;
    writeRecord(this.#view, record);
    const { nameFrom, nameLength, bytes } = record;
    const length = Math.min(nameLength, MOST_NAME_BYTES);
    const own = this.#bytes;
    for (let i = 0; i < length; i++) own[FIXED_BYTES + i] = bytes[nameFrom + i] as number;
    this.#add(to, record.type, length, 1);
  }

  /** An entry as its row has it; with `times` -1 it is taken away. */
  add(to: Listing, name: ByteName, state: NodeState, times: 1 | -1): void {
    const type = typeOfKind(state.kind);
    writeState(this.#view, type, state.disk, state);
    this.#add(to, type, this.#bytes.write(name, FIXED_BYTES, MOST_NAME_BYTES, 'latin1'), times);
  }

  #add(to: Listing, type: number, nameBytes: number, times: 1 | -1): void {
    if (type === DIRECTORY) for (const [from, end] of FOLLOWING) this.#bytes.fill(0, from, end);
    addHalfSipHash(this.#key, this.#words, FIXED_BYTES + nameBytes, to, times);
  }
}

/** The key of a catalogue, which is secret: it was chosen at random when the catalogue was made. */
export function listingKey(database: DatabaseSync): HalfSipKey {
  const row = database.prepare(`SELECT value & 0xffffffff AS low, value >> 32 AS high FROM property WHERE name = 'listingKey'`).get();
  return row as unknown as HalfSipKey;
}

/** The two words of the column `listing`, as numbers: what costs no bigint. */
export const LISTING_WORDS = 'listing & 0xffffffff AS low, listing >> 32 AS high';

/** A row with LISTING_WORDS. */
export interface ListingWords {
  readonly low: number;
  readonly high: number;
}

export function asListing({ low, high }: ListingWords): Listing {
  return Uint32Array.of(low, high);
}

/** As the column has it. */
export function listingValue([low = 0, high = 0]: Listing): bigint {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}

export function addListing(to: Listing, listing: Listing): void {
  for (const [at, word] of listing.entries()) to[at] = (to[at] as number) + word;
}

export function isSameListing(a: Listing, b: Listing): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
