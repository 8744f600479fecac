import type { DatabaseSync } from 'node:sqlite';
import type { Retention } from '../../base/config/retention.ts';
import type { ByteName } from '../../base/names.ts';
import { everRootPathsOf } from '../figures.ts';
import { OwnerMatcher } from '../owners/matcher.ts';
import { RootFlags } from '../owners/root-flags.ts';
import type { Owner, OwnerRule, SaveFlags } from '../owners/types.ts';
import { ownerOfPath, PackageIndex } from '../packages/package-index.ts';

export interface OwnershipOptions {
  readonly rules: readonly OwnerRule[];
  /** See Ownership; default true. */
  readonly areRulesKnown?: boolean;
  /** Of all users, absolute, without symbolic links. */
  readonly homes: readonly ByteName[];
  /** The watched folders, where shipped rules have a smaller say (see RootFlags). */
  readonly roots: readonly ByteName[];
}

/** Who owns a path by now, and what is to be done with it: rules and installed packages together. Any connection to the catalogue will do. */
export class Ownership {
  readonly #database: DatabaseSync;
  readonly #homes: readonly ByteName[];
  readonly #roots: readonly ByteName[];
  #rules: readonly OwnerRule[];
  #areRulesKnown: boolean;
  #packages: PackageIndex;
  #matcher: OwnerMatcher;
  #flags: RootFlags;
  /** With the roots that were taken out of the watch, or are folders of others by now. */
  #pastFlags: RootFlags;

  constructor(database: DatabaseSync, { rules, areRulesKnown = true, homes, roots }: OwnershipOptions) {
    this.#database = database;
    this.#homes = homes;
    this.#roots = roots;
    this.#rules = rules;
    this.#areRulesKnown = areRulesKnown;
    [this.#packages, this.#matcher, this.#flags, this.#pastFlags] = this.#made();
  }

  /** Of rules, and of packages that own folders as a whole. For walks: its states, with `packages`, give `ownerOfPath`. */
  get matcher(): OwnerMatcher {
    return this.#matcher;
  }
  get packages(): PackageIndex {
    return this.#packages;
  }

  /** False while a file of rules has a fault: somebody may want more than the rules say. */
  get areRulesKnown(): boolean {
    return this.#areRulesKnown;
  }

  /** Other rules hold from now on. */
  setRules(rules: readonly OwnerRule[], areKnown: boolean): void {
    this.#rules = rules;
    this.#areRulesKnown = areKnown;
    this.packagesChanged();
  }

  /** Other packages are installed. */
  packagesChanged(): void {
    [this.#packages, this.#matcher, this.#flags, this.#pastFlags] = this.#made();
  }

  /** Undefined: nobody. Asking for one path of a directory after another is cheapest. */
  ownerOf(path: ByteName): Owner | undefined {
    return ownerOfPath(this.#matcher.stateOf(path), this.#packages.packageOf(path));
  }

  flagsOf(path: ByteName): SaveFlags {
    return this.#flags.of(path, this.ownerOf(path));
  }

  /** The flags that hold for a path of this owner. */
  flagsFor(path: ByteName, owner: Owner | undefined): SaveFlags {
    return this.#flags.of(path, owner);
  }

  /**
   * How long the contents of past versions of a path are kept; undefined: as long as the catalogue's own policy says. A root that is watched no more, or as a part of another, is one all the same: what was kept
   * because it was watched is not let go because it is not.
   */
  retentionOf(path: ByteName): Retention | undefined {
    return this.#pastFlags.of(path, this.ownerOf(path)).retention;
  }

  #made(): [PackageIndex, OwnerMatcher, RootFlags, RootFlags] {
    const packages = new PackageIndex(this.#database);
    const matcher = new OwnerMatcher([...this.#rules, ...packages.folderRules()], this.#homes);
    return [packages, matcher, new RootFlags(matcher, this.#roots), new RootFlags(matcher, everRootPathsOf(this.#database))];
  }
}
