import type { DatabaseSync } from 'node:sqlite';
import { ownersFolder } from '../base/config/folders.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { rootPathsOf } from '../catalogue/figures.ts';
import { homesOf } from '../catalogue/owners/homes.ts';
import { loadRules } from '../catalogue/owners/read-rules.ts';
import type { OwnerRule } from '../catalogue/owners/types.ts';
import { Ownership } from '../catalogue/ownership/ownership.ts';
import type { Context } from './context.ts';

/** The rules of owners as they are now, and whose homes they speak of. */
export interface KnownOwners {
  readonly rules: readonly OwnerRule[];
  readonly homes: readonly ByteName[];
}

/** Tells of rule files that cannot be used, and goes on without them. */
export async function readOwners({ folders, output }: Context): Promise<KnownOwners> {
  const { rules, faults } = await loadRules(ownersFolder(folders));
  for (const { message } of faults) output.note(message);
  const home = process.env.HOME;
  return { rules, homes: homesOf(home === undefined ? undefined : nameFromText(home)) };
}

/** Who owns what in a catalogue: as the daemon sees it. */
export function ownershipOf(database: DatabaseSync, { rules, homes }: KnownOwners): Ownership {
  return new Ownership(database, { rules, homes, roots: rootPathsOf(database) });
}
