import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';

const OWNER_RIGHTS = 0o700;
const stat = new Stat();

/**
 * Opens a directory to work in it. Root may do that in any; whoever else owns one without the rights to list, change and search it is given them. Then
 * `mode` is the mode that it had, to be put back.
 */
export function openUsable(parent: Directory, name: ByteName): { readonly directory: Directory; readonly mode?: number } {
  const user = process.geteuid?.();
  const lacksRights =
    user !== 0 && parent.stat(name, stat) && stat.kind === 'directory' && stat.uid === user && (stat.mode & OWNER_RIGHTS) !== OWNER_RIGHTS;
  if (!lacksRights) return { directory: parent.openDirectory(name) };
  const { mode } = stat;
  parent.setMode(name, mode | OWNER_RIGHTS);
  return { directory: parent.openDirectory(name), mode };
}
