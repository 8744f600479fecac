import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { NotWatchedError } from '../catalogue/history/errors.ts';
import { History } from '../catalogue/history/history.ts';
import { nodeAt } from '../catalogue/questions/places.ts';
import type { NodeId } from '../catalogue/types.ts';
import type { Context } from './context.ts';
import { locatePath } from './locate-path.ts';
import { askCatalogue, NoCatalogueError } from './open-catalogue.ts';

/** Something that the catalogue has, and its path there. */
export interface KnownPlace {
  readonly node: NodeId;
  readonly path: ByteName;
}

/** A path in a watched folder that the catalogue does not have. */
export class NotInCatalogueError extends VarveError {
  constructor(path: ByteName) {
    super('NOT_IN_CATALOGUE', `the catalogue does not know ${showName(path)}`, {
      advice: 'Only what lies in a watched folder is known; watch another with: varve start DIR',
    });
  }
}

/** A path as the catalogue has it, if it has it: symbolic links into a watched folder are followed. Throws NotWatchedError. */
export function pathInCatalogue(database: DatabaseSync, path: ByteName): ByteName {
  return locatePath(new History(database), path);
}

/** What has a path now. Throws NotWatchedError, NotInCatalogueError. */
export function knownPlace(database: DatabaseSync, given: ByteName): KnownPlace {
  const path = pathInCatalogue(database, given);
  const node = nodeAt(database, path);
  if (node === undefined) throw new NotInCatalogueError(path);
  return { node, path };
}

/** The path under which the catalogue has what a user means; undefined where it does not have it, or there is none. */
export function watchedPath(context: Context, path: ByteName): ByteName | undefined {
  try {
    return askCatalogue(context, (database) => knownPlace(database, path).path);
  } catch (error) {
    if (error instanceof NoCatalogueError || error instanceof NotWatchedError || error instanceof NotInCatalogueError) return undefined;
    throw error;
  }
}
