import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { type InstalledPackage, PACKAGED_KINDS, type PackagedPath } from './types.ts';

/** What is known of a package without its paths. */
export interface KnownPackage {
  readonly id: number;
  readonly key: string;
  readonly stamp: string;
}

/** A summary or version longer than this is no line for people. */
const MAX_TEXT_LENGTH = 1000;
/** Some milliseconds. */
const FOLDERS_PER_STEP = 1000;
/** The stamp of a package whose paths are not all there; no other is empty. */
const UNFINISHED = '';

/** Writes the packages of one manager into the tables `package`, `packageFolder` and `packageFile`. Opens no transactions of its own. */
export class PackageWriter {
  readonly #database: DatabaseSync;
  readonly #manager: number;
  readonly #insertPackage: StatementSync;
  readonly #setStamp: StatementSync;
  readonly #insertFolder: StatementSync;
  readonly #selectFolder: StatementSync;
  readonly #insertFile: StatementSync;
  /** The paths of a package follow each other folder by folder. */
  #lastFolder: string | undefined;
  #lastFolderId = 0;

  constructor(database: DatabaseSync, manager: number) {
    this.#database = database;
    this.#manager = manager;
    this.#insertPackage = database.prepare('INSERT INTO package (manager, key, name, version, summary, stamp) VALUES (?, ?, ?, ?, ?, ?)');
    this.#setStamp = database.prepare('UPDATE package SET stamp = ? WHERE id = ?');
    this.#insertFolder = database.prepare('INSERT INTO packageFolder (path) VALUES (?)');
    this.#selectFolder = database.prepare('SELECT id FROM packageFolder WHERE path = ?');
    this.#insertFile = database.prepare('INSERT OR IGNORE INTO packageFile (folder, name, package, kind) VALUES (?, ?, ?, ?)');
  }

  known(): KnownPackage[] {
    return this.#database.prepare('SELECT id, key, stamp FROM package WHERE manager = ?').all(this.#manager) as unknown as KnownPackage[];
  }

  /** Adds a package. Yields behind each path; until the last step it has no stamp, so that what is interrupted is seen to be. */
  *add(installed: InstalledPackage): Generator<void> {
    const { name, version, summary, paths } = installed.read();
    const texts = [name, version, summary].map((text) => text.slice(0, MAX_TEXT_LENGTH)) as [string, string, string];
    const id = this.#insertPackage.run(this.#manager, installed.key, ...texts, UNFINISHED).lastInsertRowid;
    for (const path of paths) {
      this.#addPath(path, id);
      yield;
    }
    this.#setStamp.run(installed.stamp, id);
  }

  /** One pass over all paths, however many packages go: an index by package would double the table. Yields between parts of it. */
  *remove(packages: readonly KnownPackage[]): Generator<void> {
    if (packages.length === 0) return;
    const ids = JSON.stringify(packages.map(({ id }) => id));
    const paths = this.#database.prepare(
      'DELETE FROM packageFile WHERE folder > ? AND folder <= ? AND package IN (SELECT value FROM json_each(?))',
    );
    for (const from of this.#parts()) {
      paths.run(from, from + FOLDERS_PER_STEP, ids);
      yield;
    }
    this.#database.prepare('DELETE FROM package WHERE id IN (SELECT value FROM json_each(?))').run(ids);
  }

  *removeUnusedFolders(): Generator<void> {
    const folders = this.#database.prepare(
      'DELETE FROM packageFolder WHERE id > ? AND id <= ? AND NOT EXISTS (SELECT 1 FROM packageFile WHERE folder = packageFolder.id)',
    );
    for (const from of this.#parts()) {
      folders.run(from, from + FOLDERS_PER_STEP);
      this.#lastFolder = undefined;
      yield;
    }
  }

  /** Where each part of the folders begins. */
  *#parts(): Generator<number> {
    const last = Number(this.#database.prepare('SELECT max(id) AS id FROM packageFolder').get()?.id ?? 0);
    for (let from = 0; from < last; from += FOLDERS_PER_STEP) yield from;
  }

  #addPath({ path, kind }: PackagedPath, id: number | bigint): void {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash);
    if (folder !== this.#lastFolder) {
      const bytes = nameToBytes(folder as ByteName);
      this.#lastFolderId =
        (this.#selectFolder.get(bytes)?.id as number | undefined) ?? Number(this.#insertFolder.run(bytes).lastInsertRowid);
      this.#lastFolder = folder;
    }
    this.#insertFile.run(this.#lastFolderId, nameToBytes(path.slice(slash + 1) as ByteName), id, PACKAGED_KINDS.indexOf(kind));
  }
}
