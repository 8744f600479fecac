import { type ByteName, showName } from '../base/names.ts';
import { absolutePath } from '../catalogue/history/past-reference.ts';
import { NotARootError, unwatch } from '../catalogue/unwatch.ts';
import { wallNs } from '../sys/clock.ts';
import { changeCatalogue } from './change-catalogue.ts';
import type { Context } from './context.ts';
import { knownRoots } from './known-roots.ts';
import { realPath } from './real-path.ts';

/** Ends the watch of folders; returns them as the catalogue knows them. Throws NotARootError, and changes nothing then. */
export async function removeRoots(context: Context, given: readonly string[]): Promise<ByteName[]> {
  const known = knownRoots(context);
  const paths = [...new Set(given.map((text) => rootMeant(text, known)))];
  await changeCatalogue(context, {
    ask: (daemon) => daemon.unwatch(paths.map(showName), context.signal),
    write: (database) => unwatch(database, paths, wallNs()),
  });
  return paths;
}

/** A root may be gone, or be given by a path with links. */
function rootMeant(text: string, known: readonly ByteName[]): ByteName {
  const path = absolutePath(text);
  const found = known.includes(path) ? path : realPath(path);
  if (found === undefined || !known.includes(found)) throw new NotARootError(path, known);
  return found;
}
