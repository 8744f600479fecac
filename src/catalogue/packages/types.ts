import type { ByteName } from '../../base/names.ts';

/**
 * Packages of the system's package managers: owners of their files by themselves. A database of a package manager is read into tables of
 * the catalogue (`refresh.ts`), where files are looked up (`package-index.ts`).
 */
export const PACKAGE_MANAGERS = ['dpkg', 'rpm', 'flatpak'] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

/**
 * What a path is to its package: a file that it has brought, settings that people edit, a folder that is its own as a whole, or data that
 * it has made.
 */
export const PACKAGED_KINDS = ['file', 'configuration', 'folder', 'data'] as const;
export type PackagedKind = (typeof PACKAGED_KINDS)[number];

export interface PackagedPath {
  /** Absolute, with symbolic links in its folders resolved. */
  readonly path: ByteName;
  readonly kind: PackagedKind;
}

export interface PackageDetails {
  /** As users call it; several may have the same (versions of a kernel, architectures of a library). */
  readonly name: string;
  readonly version: string;
  /** One line. */
  readonly summary: string;
  /** What it owns. Folders that many packages share are not among it. */
  readonly paths: Iterable<PackagedPath>;
}

export interface InstalledPackage {
  /** Unique in its database. */
  readonly key: string;
  /** Differs whenever anything of the package may have changed. */
  readonly stamp: string;
  /** Valid until the next package is taken. Throws as `packages` does. */
  read(): PackageDetails;
}

export interface PackageDatabase {
  readonly manager: PackageManager;
  /** Differs whenever anything of the database may have changed; undefined where this machine has none. Cheap. */
  stamp(): string | undefined;
  /** All installed packages, lazily, in any order. Throws where the database is damaged or cannot be read, but never an error of SQLite as it is. */
  packages(): Iterable<InstalledPackage>;
}
