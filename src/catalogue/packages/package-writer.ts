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

/** Writes the packages of one manager into the tables `package`, `packageFolder` and `packageFile`. Opens no transactions of its own. */
export class PackageWriter {
  readonly #database: DatabaseSync;
  readonly #manager: number;
  readonly #insertPackage: StatementSync;
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
    this.#insertFolder = database.prepare('INSERT INTO packageFolder (path) VALUES (?)');
    this.#selectFolder = database.prepare('SELECT id FROM packageFolder WHERE path = ?');
    this.#insertFile = database.prepare('INSERT OR IGNORE INTO packageFile (folder, name, package, kind) VALUES (?, ?, ?, ?)');
  }

  known(): KnownPackage[] {
    return this.#database.prepare('SELECT id, key, stamp FROM package WHERE manager = ?').all(this.#manager) as unknown as KnownPackage[];
  }

  /** Returns how many paths it has. */
  add(installed: InstalledPackage): number {
    const { name, version, summary, paths } = installed.read();
    const texts = [name, version, summary].map((text) => text.slice(0, MAX_TEXT_LENGTH)) as [string, string, string];
    const id = this.#insertPackage.run(this.#manager, installed.key, ...texts, installed.stamp).lastInsertRowid;
    let count = 0;
    for (const path of paths) {
      this.#addPath(path, id);
      count++;
    }
    return count;
  }

  /** One pass over all paths, however many packages go: an index by package would double the table. */
  remove(packages: readonly KnownPackage[]): void {
    const ids = JSON.stringify(packages.map(({ id }) => id));
    this.#database.prepare('DELETE FROM packageFile WHERE package IN (SELECT value FROM json_each(?))').run(ids);
    this.#database.prepare('DELETE FROM package WHERE id IN (SELECT value FROM json_each(?))').run(ids);
  }

  removeUnusedFolders(): void {
    this.#database.exec('DELETE FROM packageFolder WHERE id NOT IN (SELECT folder FROM packageFile)');
    this.#lastFolder = undefined;
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
