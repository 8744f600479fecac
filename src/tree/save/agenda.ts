import type { ByteName } from '../../base/names.ts';
import type { Directory, Entries } from '../../sys/types.ts';
import type { KnownDirectory } from './known-directory.ts';

/** What is to be looked at in a directory: everything in it, or what of a known one may differ. */
export type Agenda =
  | { readonly isWhole: true; readonly known: KnownDirectory | undefined; readonly listed: Entries }
  | { readonly isWhole: false; readonly known: KnownDirectory; readonly listed: Entries | undefined };

/** Lists the directory where that is needed. Throws SystemError when it cannot be listed. */
export function agendaOf(directory: Directory, known: KnownDirectory | undefined): Agenda {
  if (known === undefined || known.isWhole) return { isWhole: true, known, listed: directory.entries() };
  return { isWhole: false, known, listed: known.isListed ? directory.entries() : undefined };
}

/** For a directory that the walk does not look into. */
export function emptyAgenda(known: KnownDirectory | undefined): Agenda {
  return { isWhole: true, known, listed: { names: [], types: new Uint8Array(0) } };
}

/** The names to look at, in order. */
export async function namesOf({ isWhole, known, listed }: Agenda): Promise<readonly ByteName[]> {
  if (!isWhole) return known.names(listed);
  // A name that is removed and made again meanwhile can be listed twice.
  return listed.names.sort().filter((each, i, all) => each !== all[i - 1]);
}
