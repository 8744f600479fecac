import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../base/errors.ts';
import { type ByteName, nameFromShown, showName } from '../base/names.ts';
import { atOneMoment, openForReading } from '../catalogue/database.ts';
import { nodeAt } from '../catalogue/questions/places.ts';
import type { NodeId } from '../catalogue/types.ts';
import type { Context } from './context.ts';

/** There is no catalogue yet. */
export class NoCatalogueError extends VarveError {
  constructor(path: string) {
    super('NO_CATALOGUE', `there is no catalogue yet: ${path}`, { advice: 'Watch a folder first: varve start DIR' });
  }
}

/** A path that the catalogue does not have. */
export class NotInCatalogueError extends VarveError {
  constructor(path: ByteName) {
    super('NOT_IN_CATALOGUE', `the catalogue does not know ${showName(path)}`, {
      advice: 'Only what lies in a watched folder is known; watch another with: varve start DIR',
    });
  }
}

/** Asks the catalogue at one moment of it, and closes it. Throws NoCatalogueError. */
export function askCatalogue<T>(context: Context, ask: (database: DatabaseSync) => T): T {
  const path = join(context.folders.dataDir, 'catalogue.db');
  const database = openForReading(path);
  if (database === undefined) throw new NoCatalogueError(path);
  try {
    return atOneMoment(database, () => ask(database));
  } finally {
    database.close();
  }
}

/** The absolute path that a user means, in which bytes may be given as varve prints them. */
export function pathOf(text: string): ByteName {
  return nameFromShown(resolve(text));
}

/** The node at a path. Throws NotInCatalogueError. */
export function knownNode(database: DatabaseSync, path: ByteName): NodeId {
  const node = nodeAt(database, path);
  if (node === undefined) throw new NotInCatalogueError(path);
  return node;
}

/** Whether there is a catalogue that has this path. */
export function isWatched(context: Context, path: ByteName): boolean {
  try {
    return askCatalogue(context, (database) => nodeAt(database, path) !== undefined);
  } catch (error) {
    if (error instanceof NoCatalogueError) return false;
    throw error;
  }
}
