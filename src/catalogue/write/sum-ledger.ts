import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { type DirectorySums, NO_DIRECTORY, type NodeId, type Place } from '../types.ts';
import { addHash, asWords, directoryHash, noHash, subtractHash } from './entry-hash.ts';

/** What changes in the sums of one directory until they are settled. */
interface Delta {
  size: number;
  disk: number;
  files: number;
  directories: number;
  unhashed: number;
  newest: bigint;
  /** Undefined while nothing was added or taken away. */
  hash: Uint32Array | undefined;
}

interface DirectoryRow extends DirectorySums {
  readonly newest: bigint;
  readonly digest: Uint32Array;
}

/** So many directories' places are remembered before they are asked for anew. */
const REMEMBERED = 200_000;

/**
 * The sums of directories (table `directory`). What changes in a transaction is added up here for each directory and, by `settle`, at its end passed
 * on upward: each ancestor is written once, however many changes there were below it.
 */
export class SumLedger {
  readonly #select: StatementSync;
  readonly #update: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #place: StatementSync;
  readonly #deltas = new Map<NodeId, Delta>();
  readonly #places = new Map<NodeId, Place>();

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(
      'SELECT size, disk, files, directories, unhashed, CAST(newest AS TEXT) AS newest, digest FROM directory WHERE node = ?',
    );
    this.#update = database.prepare(
      `UPDATE directory SET size = ?, disk = ?, files = ?, directories = ?, unhashed = ?, newest = ?, digest = ? WHERE node = ?`,
    );
    this.#insert = database.prepare('INSERT INTO directory (node, disk, newest) VALUES (?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM directory WHERE node = ?');
    this.#place = database.prepare('SELECT parent, name FROM node WHERE id = ?');
  }

  /** Adds what an entry weighs (or takes it away, with `times` -1) to the directory that it is in. */
  add(directory: NodeId, sums: DirectorySums, newest: bigint, hash: Uint32Array | undefined, times: 1 | -1 = 1): void {
    if (directory <= NO_DIRECTORY) return;
    const delta = this.#delta(directory);
    delta.size += times * sums.size;
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

  /** Begins the sums of a new directory, which weighs as yet what it takes itself, and adds that to its parent. */
  begin(directory: NodeId, disk: number, newest: bigint, place: Place): void {
    this.#insert.run(directory, disk, newest);
    this.#remember(directory, place);
    const sums = { size: 0, disk, files: 0, directories: 0, unhashed: 0 };
    this.add(place.parent, { ...sums, directories: 1 }, newest, directoryHash({ kind: 'directory', name: place.name }, sums, noHash()));
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
    const old = this.#row(directory);
    const digest = old.digest.slice();
    if (delta.hash !== undefined) addHash(digest, delta.hash);
    let { newest } = old;
    if (delta.newest > newest) newest = delta.newest;
    const now: DirectoryRow = {
      size: old.size + delta.size,
      disk: old.disk + delta.disk,
      files: old.files + delta.files,
      directories: old.directories + delta.directories,
      unhashed: old.unhashed + delta.unhashed,
      newest,
      digest,
    };
    this.#update.run(now.size, now.disk, now.files, now.directories, now.unhashed, now.newest, new Uint8Array(digest.buffer), directory);
    const { parent, name } = this.#placeOf(directory);
    if (parent <= NO_DIRECTORY) return;
    const hash = hashOf({ name }, now);
    subtractHash(hash, hashOf({ name }, old));
    this.add(parent, delta, delta.newest, hash);
  }

  #row(directory: NodeId): DirectoryRow {
    const row = this.#select.get(directory) as Record<string, number> & { newest: string; digest: Uint8Array };
    if (row === undefined) throw new Error(`directory ${directory} has no sums`);
    return {
      size: row.size as number,
      disk: row.disk as number,
      files: row.files as number,
      directories: row.directories as number,
      unhashed: row.unhashed as number,
      newest: BigInt(row.newest),
      digest: asWords(row.digest),
    };
  }

  #delta(directory: NodeId): Delta {
    let delta = this.#deltas.get(directory);
    if (delta === undefined) {
      delta = { size: 0, disk: 0, files: 0, directories: 0, unhashed: 0, newest: 0n, hash: undefined };
      this.#deltas.set(directory, delta);
    }
    return delta;
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

function hashOf({ name }: { readonly name: ByteName }, { digest, ...sums }: DirectoryRow): Uint32Array {
  return directoryHash({ kind: 'directory', name }, sums, digest);
}
