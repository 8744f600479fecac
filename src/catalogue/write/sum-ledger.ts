import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { type DirectorySums, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
import { addHash, asWords, directoryHash, noHash, subtractHash } from './entry-hash.ts';
import {
  addListing,
  asListing,
  LISTING_WORDS,
  type Listing,
  ListingSum,
  type ListingWords,
  listingKey,
  listingValue,
} from './listing-sum.ts';
import { sumOfSizes } from './sum-of-sizes.ts';

/** What changes in the sums of one directory until they are settled. */
interface Delta {
  size: bigint;
  disk: number;
  files: number;
  directories: number;
  unhashed: number;
  newest: bigint;
  /** Undefined while nothing was added or taken away. */
  hash: Uint32Array | undefined;
  listing: Listing | undefined;
  /** Of a directory that has no row yet: when it was listed, and null before that. */
  listed: bigint | null | undefined;
}

interface DirectoryRow extends DirectorySums {
  readonly newest: bigint;
  readonly digest: Uint32Array;
  readonly listing: Listing;
}

interface RawRow extends Omit<DirectorySums, 'size'>, ListingWords {
  readonly size: string;
  readonly newest: string;
  readonly digest: Uint8Array;
}

/** So many directories' places are remembered before they are asked for anew. */
const REMEMBERED = 200_000;

/**
 * The sums of directories (table `directory`). What changes in a transaction is added up here for each directory and, by `settle`, at its end passed
 * on upward: each directory and each ancestor is written once, however many changes there were below it.
 */
export class SumLedger {
  readonly #select: StatementSync;
  readonly #update: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #place: StatementSync;
  readonly #listed: StatementSync;
  readonly #listing: StatementSync;
  readonly #listingSum: ListingSum;
  readonly #deltas = new Map<NodeId, Delta>();
  readonly #places = new Map<NodeId, Place>();

  constructor(database: DatabaseSync) {
    this.#listingSum = new ListingSum(listingKey(database));
    this.#select = database.prepare(
      `SELECT CAST(size AS TEXT) AS size, disk, files, directories, unhashed, CAST(newest AS TEXT) AS newest, digest, ${LISTING_WORDS} FROM directory WHERE node = ?`,
    );
    this.#update = database.prepare(
      `UPDATE directory SET size = ?, disk = ?, files = ?, directories = ?, unhashed = ?, newest = ?, digest = ?, listing = ? WHERE node = ?`,
    );
    this.#insert = database.prepare(
      `INSERT INTO directory (size, disk, files, directories, unhashed, newest, digest, listing, node, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = database.prepare('DELETE FROM directory WHERE node = ?');
    this.#place = database.prepare('SELECT parent, name FROM node WHERE id = ?');
    this.#listed = database.prepare('UPDATE directory SET listed = ? WHERE node = ?');
    this.#listing = database.prepare(`SELECT ${LISTING_WORDS} FROM directory WHERE node = ?`);
  }

  /** Adds what an entry weighs (or takes it away, with `times` -1) to the directory that it is in. */
  add(directory: NodeId, sums: DirectorySums, newest: bigint, hash: Uint32Array | undefined, times: 1 | -1 = 1): void {
    if (directory <= NO_DIRECTORY) return;
    const delta = this.#delta(directory);
    delta.size += times === 1 ? sums.size : -sums.size;
    delta.disk += times * sums.disk;
    delta.files += times * sums.files;
    delta.directories += times * sums.directories;
    delta.unhashed += times * sums.unhashed;
    if (newest > delta.newest) delta.newest = newest;
    if (hash === undefined) return;
    delta.hash ??= noHash();
    if (times === 1) addHash(delta.hash, hash);
    else subtractHash(delta.hash, hash);
  }

  /** A directory has this entry from now on, or with `times` -1 no more: what a listing of it comes to changes. */
  list({ parent, name }: Place, state: NodeState, times: 1 | -1): void {
    if (parent > NO_DIRECTORY) this.#listingSum.add(this.#listingOf(this.#delta(parent)), name, state, times);
  }

  /** The same for all entries of a directory of which none is known yet. */
  listAll(directory: NodeId, listing: Listing): void {
    addListing(this.#listingOf(this.#delta(directory)), listing);
  }

  /** What a listing of a directory has to come to when it shows what is known. */
  listing(directory: NodeId): Listing {
    const delta = this.#deltas.get(directory);
    const listing = delta?.listed === undefined ? asListing(this.#listing.get(directory) as unknown as ListingWords) : ListingSum.none();
    if (delta?.listing !== undefined) addListing(listing, delta.listing);
    return listing;
  }

  /** A directory was compared with the disk as a whole. */
  setListed(directory: NodeId, time: bigint): void {
    const delta = this.#deltas.get(directory);
    if (delta?.listed === undefined) this.#listed.run(time, directory);
    else delta.listed = time;
  }

  /** Begins the sums of a new directory, which weighs as yet what it takes itself. Its parent gets that when it is settled. */
  begin(directory: NodeId, disk: number, newest: bigint, place: Place): void {
    this.#remember(directory, place);
    const delta = this.#delta(directory);
    delta.disk = disk;
    delta.newest = newest;
    delta.listed = null;
  }

  /** What a directory weighs for its parent, as settled. */
  weight(directory: NodeId, entry: { readonly name: ByteName }): { sums: DirectorySums; newest: bigint; hash: Uint32Array } {
    if (this.#deltas.size > 0) this.settle();
    const row = this.#row(directory);
    return { sums: { ...row, directories: row.directories + 1 }, newest: row.newest, hash: hashOf(entry, row) };
  }

  /** Forgets a directory that is gone; nothing is taken from its parent. */
  end(directory: NodeId): void {
    this.#deltas.delete(directory);
    this.#places.delete(directory);
    this.#delete.run(directory);
  }

  /** To be called when a directory has got another parent or name. */
  moved(directory: NodeId): void {
    this.#places.delete(directory);
  }

  /** Writes all sums, from the deepest directories up to the roots. */
  settle(): void {
    const levels: NodeId[][] = [];
    const place = (directory: NodeId, depth: number) => {
      levels[depth] ??= [];
      levels[depth].push(directory);
    };
    for (const directory of this.#deltas.keys()) place(directory, this.#depth(directory));
    for (let depth = levels.length - 1; depth >= 0; depth--) {
      for (const directory of levels[depth] ?? []) {
        const delta = this.#deltas.get(directory);
        if (delta === undefined) continue;
        this.#deltas.delete(directory);
        const { parent } = this.#placeOf(directory);
        const isNew = parent > NO_DIRECTORY && !this.#deltas.has(parent);
        this.#write(directory, delta);
        if (isNew) place(parent, depth - 1);
      }
    }
  }

  /** Gives up what was added since the last settling, after the transaction was rolled back. */
  reset(): void {
    this.#deltas.clear();
    this.#places.clear();
  }

  #write(directory: NodeId, delta: Delta): void {
    const isNew = delta.listed !== undefined;
    const old = isNew ? NOTHING : this.#row(directory);
    const digest = old.digest.slice();
    if (delta.hash !== undefined) addHash(digest, delta.hash);
    const listing = old.listing.slice();
    if (delta.listing !== undefined) addListing(listing, delta.listing);
    let { newest } = old;
    if (delta.newest > newest) newest = delta.newest;
    const now: DirectoryRow = {
      size: sumOfSizes(old.size, delta.size),
      disk: old.disk + delta.disk,
      files: old.files + delta.files,
      directories: old.directories + delta.directories,
      unhashed: old.unhashed + delta.unhashed,
      newest,
      digest,
      listing,
    };
    const values = [
      now.size,
      now.disk,
      now.files,
      now.directories,
      now.unhashed,
      now.newest,
      bytesOf(digest),
      listingValue(listing),
    ] as const;
    if (isNew) this.#insert.run(...values, directory, delta.listed ?? null);
    else this.#update.run(...values, directory);
    const { parent, name } = this.#placeOf(directory);
    if (parent <= NO_DIRECTORY) return;
    if (isNew) this.add(parent, { ...now, directories: now.directories + 1 }, now.newest, hashOf({ name }, now));
    else if (weighs(delta)) {
      const hash = hashOf({ name }, now);
      subtractHash(hash, hashOf({ name }, old));
      this.add(parent, delta, delta.newest, hash);
    } else if (now.newest !== old.newest || delta.disk !== 0 || delta.unhashed !== 0) this.add(parent, delta, delta.newest, undefined);
  }

  #row(directory: NodeId): DirectoryRow {
    const row = this.#select.get(directory) as unknown as RawRow;
    if (row === undefined) throw new Error(`directory ${directory} has no sums`);
    const { disk, files, directories, unhashed } = row;
    const [size, newest] = [BigInt(row.size), BigInt(row.newest)];
    return { size, disk, files, directories, unhashed, newest, digest: asWords(row.digest), listing: asListing(row) };
  }

  #delta(directory: NodeId): Delta {
    let delta = this.#deltas.get(directory);
    if (delta === undefined) {
      delta = {
        ...{ size: 0n, disk: 0, files: 0, directories: 0, unhashed: 0 },
        ...{ newest: 0n, hash: undefined, listing: undefined, listed: undefined },
      };
      this.#deltas.set(directory, delta);
    }
    return delta;
  }

  #listingOf(delta: Delta): Listing {
    delta.listing ??= ListingSum.none();
    return delta.listing;
  }

  #depth(directory: NodeId): number {
    let depth = 0;
    for (let { parent } = this.#placeOf(directory); parent > NO_DIRECTORY; { parent } = this.#placeOf(parent)) depth++;
    return depth;
  }

  #placeOf(directory: NodeId): Place {
    const known = this.#places.get(directory);
    if (known !== undefined) return known;
    const row = this.#place.get(directory) as { parent: number; name: Uint8Array } | undefined;
    if (row === undefined) throw new Error(`directory ${directory} is no node`);
    const place = { parent: row.parent, name: Buffer.from(row.name).toString('latin1') as ByteName };
    this.#remember(directory, place);
    return place;
  }

  #remember(directory: NodeId, place: Place): void {
    if (this.#places.size >= REMEMBERED) this.#places.clear();
    this.#places.set(directory, place);
  }
}

/** A directory without a row. */
const NOTHING: DirectoryRow = {
  ...{ size: 0n, disk: 0, files: 0, directories: 0, unhashed: 0 },
  ...{ newest: 0n, digest: noHash(), listing: ListingSum.none() },
};

/** Whether anything of what goes into the digest of the directory above has changed. */
function weighs({ size, files, directories, hash }: Delta): boolean {
  return hash !== undefined || size !== 0n || files !== 0 || directories !== 0;
}

function bytesOf(digest: Uint32Array): Uint8Array {
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}

function hashOf({ name }: { readonly name: ByteName }, { digest, ...sums }: DirectoryRow): Uint32Array {
  return directoryHash({ kind: 'directory', name }, sums, digest);
}
