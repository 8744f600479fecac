import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes, nameToBytes } from '../../base/names.ts';
import { DEFAULT_FLAGS } from '../owners/flags.ts';
import type { OwnerState } from '../owners/matcher.ts';
import { patternOfPath } from '../owners/pattern.ts';
import type { Owner, OwnerRule, SaveFlags } from '../owners/types.ts';
import { PACKAGE_MANAGERS, PACKAGED_KINDS, type PackagedKind } from './types.ts';

/** An installed package as the owner of a path. */
export interface PackageOwner extends Owner {
  readonly version: string;
  readonly kind: PackagedKind;
}

/** What a package has brought can be brought again, but is hashed, so that damage and tampering show. */
const BROUGHT: SaveFlags = { ...DEFAULT_FLAGS, keep: false };
const FLAGS: Readonly<Record<PackagedKind, SaveFlags>> = {
  file: BROUGHT,
  folder: BROUGHT,
  configuration: { ...DEFAULT_FLAGS, retention: {} },
  data: DEFAULT_FLAGS,
};
const WHOLE_FOLDERS = ['folder', 'data'].map((kind) => PACKAGED_KINDS.indexOf(kind as PackagedKind)).join();
/**
 * Finds the packages that paths belong to, in the tables that `refreshPackages` fills. Reads alone; any connection to the catalogue will
 * do. Good until packages change.
 */
export class PackageIndex {
  readonly #selectFolder: StatementSync;
  readonly #selectFiles: StatementSync;
  readonly #selectFile: StatementSync;
  readonly #selectWhole: StatementSync;
  readonly #selectPackage: StatementSync;
  /** By package and kind. */
  readonly #owners = new Map<number, PackageOwner>();
  /** Of many paths asked for one after another, most are in the folder of the one before. */
  #lastFolder: { readonly path: string; readonly id: number | undefined } | undefined;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => {
      const statement = database.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    };
    this.#selectFolder = prepare('SELECT id FROM packageFolder WHERE path = ?');
    // In the order of the key: of several packages the one that was there first comes first.
    this.#selectFiles = prepare('SELECT package, kind, name FROM packageFile WHERE folder = ? ORDER BY name, package');
    this.#selectFile = prepare('SELECT package, kind FROM packageFile WHERE folder = ? AND name = ? ORDER BY package LIMIT 1');
    this.#selectWhole = prepare(
      `SELECT package, kind, name, path FROM packageFile JOIN packageFolder ON packageFolder.id = folder WHERE kind IN (${WHOLE_FOLDERS})`,
    );
    this.#selectPackage = prepare('SELECT manager, name, version, summary FROM package WHERE id = ?');
  }

  /** The package that an absolute path belongs to, of several the one that was there first. */
  packageOf(path: ByteName): PackageOwner | undefined {
    const slash = path.lastIndexOf('/');
    const folder = this.#folderId(path.slice(0, slash));
    const row = folder === undefined ? undefined : this.#selectFile.get(folder, nameToBytes(path.slice(slash + 1) as ByteName));
    if (row === undefined) return undefined;
    const [id, kind] = row as unknown as Row;
    return this.#ownerOf(id, kind);
  }

  /** Of all names in a folder the packages that they belong to: one question for a whole listing. */
  packagesIn(folder: ByteName): Map<ByteName, PackageOwner> {
    const owners = new Map<ByteName, PackageOwner>();
    const id = this.#folderId(folder === '/' ? '' : folder);
    for (const [owner, kind, bytes] of (id === undefined ? [] : this.#selectFiles.all(id)) as unknown as Row[]) {
      const name = nameFromBytes(bytes);
      const found = owners.has(name) ? undefined : this.#ownerOf(owner, kind);
      if (found !== undefined) owners.set(name, found);
    }
    return owners;
  }

  /** Rules for the folders that packages own as a whole, for the matcher. */
  folderRules(): OwnerRule[] {
    return (this.#selectWhole.all() as unknown as [...Row, folder: Uint8Array][]).flatMap(([id, kind, name, folder]) => {
      const owner = this.#ownerOf(id, kind);
      if (owner === undefined) return [];
      return [{ ...owner, folders: [patternOfPath(`${nameFromBytes(folder)}/${nameFromBytes(name)}` as ByteName)] }];
    });
  }

  /** Undefined for a package that is just being taken away. */
  #ownerOf(id: number, kindNumber: number): PackageOwner | undefined {
    const key = id * PACKAGED_KINDS.length + kindNumber;
    const known = this.#owners.get(key);
    if (known !== undefined) return known;
    const row = this.#selectPackage.get(id) as unknown as [manager: number, name: string, version: string, summary: string] | undefined;
    if (row === undefined) return undefined;
    const [manager, name, version, summary] = row;
    const kind = PACKAGED_KINDS[kindNumber] ?? 'file';
    const owner = { name, comment: summary, flags: FLAGS[kind], source: 'package', version, kind } as const;
    const made: PackageOwner = { id: `${PACKAGE_MANAGERS[manager]}:${name}`, ...owner };
    this.#owners.set(key, made);
    return made;
  }

  #folderId(path: string): number | undefined {
    if (this.#lastFolder?.path !== path) {
      const [id] = (this.#selectFolder.get(nameToBytes(path as ByteName)) ?? []) as unknown as [number?];
      this.#lastFolder = { path, id };
    }
    return this.#lastFolder.id;
  }
}

/**
 * The owner of a path, by rules and packages. A file that a package lists is claimed by it as nearly as can be; so it is the package's,
 * unless a rule of the user claims this very path.
 */
export function ownerOfPath(byRules: OwnerState, byPackage: PackageOwner | undefined): Owner | undefined {
  if (byPackage === undefined || (byRules.isClaimed && byRules.owner?.source === 'user')) return byRules.owner;
  return byPackage;
}

type Row = readonly [id: number, kind: number, name: Uint8Array];
