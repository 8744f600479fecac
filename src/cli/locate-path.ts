import { realpathSync } from 'node:fs';
import { type ByteName, nameFromBytes, nameToBytes } from '../base/names.ts';
import { NotWatchedError } from '../catalogue/history/errors.ts';
import type { History } from '../catalogue/history/history.ts';
import { locate } from '../catalogue/history/paths.ts';
import { joinPath, lastName, parentPath } from '../tree/view.ts';

/** A path given by the user, as the catalogue knows it: one that is in no root may lead into one by a symbolic link. Throws NotWatchedError. */
export function locatePath(history: History, path: ByteName): ByteName {
  try {
    locate(history, path);
    return path;
  } catch (error) {
    const real = error instanceof NotWatchedError ? realPath(path) : undefined;
    if (real === undefined || real === path) throw error;
    locate(history, real);
    return real;
  }
}

/** Where a path leads, as far as it exists. */
function realPath(path: ByteName): ByteName | undefined {
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
