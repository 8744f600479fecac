import type { Retention } from '../../base/config/retention.ts';
import type { EventKind } from '../types.ts';
import type { FolderPattern } from './pattern.ts';

/**
 * Owners: who a path belongs to, and what is to be done with it. A rule claims folders by patterns; each path belongs to the rule that
 * claims it most specifically (`specificity.ts`), to the package that has brought it, or to nobody. docs/owners.md says the same to users.
 */
export interface Owner {
  /** What it is known by: the name of a rule's file without `.toml`, or the manager and name of a package: `dpkg:bash`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** What its files are, for people; empty where nobody said. */
  readonly comment: string;
  readonly flags: SaveFlags;
  readonly source: RuleSource;
}

/** An owner by rule. One of the user replaces the shipped one of the same id. */
export interface OwnerRule extends Owner {
  readonly folders: readonly FolderPattern[];
}

/** Where a rule comes from; where two claim the same folder, the source that stands first here wins. */
export const RULE_SOURCES = ['user', 'package', 'shipped'] as const;
export type RuleSource = (typeof RULE_SOURCES)[number];

/** What is to be done with the files of an owner. */
export interface SaveFlags {
  /** Whether every version's content goes into the store; it can only where files are hashed. */
  readonly keep: boolean;
  /** Whether files are read to know their digests. */
  readonly hash: boolean;
  /** Changes that become events of the history. Damage (`rotted`) always does. */
  readonly record: ReadonlySet<EventKind>;
  /** Changes that somebody is told of. Damage always is one. */
  readonly notify: ReadonlySet<EventKind>;
  /** How long the contents of past versions are kept; undefined: as long as the catalogue's own policy says. */
  readonly retention: Retention | undefined;
}
