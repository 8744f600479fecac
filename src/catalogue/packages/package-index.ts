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
const COLUMNS = 'package.manager, package.name AS name, package.version, package.summary, packageFile.kind';

/**
 * Finds the packages that paths belong to, in the tables that `refreshPackages` fills. Reads alone; any connection to the catalogue will
 * do. Good until packages change.
 */
export class PackageIndex {
  readonly #selectFolder: StatementSync;
  readonly #selectFile: StatementSync;
  readonly #selectFiles: StatementSync;
  readonly #selectWhole: StatementSync;
  /** Of many paths asked for one after another, most are in the folder of the one before. */
  #lastFolder: { readonly path: string; readonly id: number | undefined } | undefined;

  constructor(database: DatabaseSync) {
    const from = 'FROM packageFile JOIN package ON package.id = packageFile.package';
    this.#selectFolder = database.prepare('SELECT id FROM packageFolder WHERE path = ?');
    this.#selectFile = database.prepare(`SELECT ${COLUMNS} ${from} WHERE folder = ? AND packageFile.name = ? ORDER BY package LIMIT 1`);
    this.#selectFiles = database.prepare(`SELECT packageFile.name AS file, ${COLUMNS} ${from} WHERE folder = ? ORDER BY package DESC`);
    this.#selectWhole = database.prepare(
      `SELECT packageFolder.path AS folder, packageFile.name AS file, ${COLUMNS} ${from} JOIN packageFolder ON packageFolder.id = folder WHERE packageFile.kind IN (${WHOLE_FOLDERS})`,
    );
  }

  /** The package that an absolute path belongs to, of several the one that was there first. */
  packageOf(path: ByteName): PackageOwner | undefined {
    const slash = path.lastIndexOf('/');
    const folder = this.#folderId(path.slice(0, slash));
    const row = folder === undefined ? undefined : this.#selectFile.get(folder, nameToBytes(path.slice(slash + 1) as ByteName));
    return row && ownerOf(row as unknown as Row);
  }

  /** Of all names in a folder the packages that they belong to: one question for a whole listing. */
  packagesIn(folder: ByteName): Map<ByteName, PackageOwner> {
    const id = this.#folderId(folder === '/' ? '' : folder);
    const rows = id === undefined ? [] : (this.#selectFiles.all(id) as unknown as (Row & { file: Uint8Array })[]);
    return new Map(rows.map((row) => [nameFromBytes(row.file), ownerOf(row)]));
  }

  /** Rules for the folders that packages own as a whole, for the matcher. */
  folderRules(): OwnerRule[] {
    const rows = this.#selectWhole.all() as unknown as (Row & { folder: Uint8Array; file: Uint8Array })[];
    return rows.map((row) => ({
      ...ownerOf(row),
      folders: [patternOfPath(`${nameFromBytes(row.folder)}/${nameFromBytes(row.file)}` as ByteName)],
    }));
  }

  #folderId(path: string): number | undefined {
    if (this.#lastFolder?.path !== path)
      this.#lastFolder = { path, id: this.#selectFolder.get(nameToBytes(path as ByteName))?.id as number | undefined };
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

interface Row {
  readonly manager: number;
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly kind: number;
}

function ownerOf({ manager, name, version, summary, kind: number }: Row): PackageOwner {
  const kind = PACKAGED_KINDS[number] ?? 'file';
  return { id: `${PACKAGE_MANAGERS[manager]}:${name}`, name, comment: summary, flags: FLAGS[kind], source: 'package', version, kind };
}
