import type { ByteName } from '../base/names.ts';
import { NotWatchedError } from '../catalogue/history/errors.ts';
import type { History } from '../catalogue/history/history.ts';
import { locate } from '../catalogue/history/paths.ts';
import { realPath } from './real-path.ts';

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
