import { realpathSync } from 'node:fs';
import { type ByteName, nameFromBytes, nameToBytes } from '../base/names.ts';
import { joinPath, lastName, parentPath } from '../tree/view.ts';

/** Where a path leads by symbolic links, as far as it exists; undefined where that cannot be found out. */
export function realPath(path: ByteName): ByteName | undefined {
  for (let at = path, rest = '' as ByteName; at !== ''; rest = joinPath(lastName(at), rest), at = parentPath(at)) {
    try {
      const real = nameFromBytes(realpathSync.native(nameToBytes(at), 'buffer'));
      return rest === '' ? real : joinPath(real, rest.replace(/\/$/, '') as ByteName);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    }
  }
  return undefined;
}
