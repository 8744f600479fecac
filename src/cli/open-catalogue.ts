import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../base/errors.ts';
import { atOneMoment, openForReading } from '../catalogue/database.ts';
import type { Context } from './context.ts';

/** There is no catalogue yet. */
export class NoCatalogueError extends VarveError {
  constructor(path: string) {
    super('NO_CATALOGUE', `there is no catalogue yet: ${path}`, { advice: 'Watch a folder first: varve start DIR' });
  }
}

/** Asks the catalogue at one moment of it, and closes it. Who reads what is printed meanwhile holds up neither: the catalogue's log grows for as long as a moment is held. Throws NoCatalogueError. */
export function askCatalogue<T>(context: Context, ask: (database: DatabaseSync) => T): T {
  return context.output.withoutWaiting(() => {
    const path = join(context.folders.dataDir, 'catalogue.db');
    const database = openForReading(path);
    if (database === undefined) throw new NoCatalogueError(path);
    try {
      return atOneMoment(database, () => ask(database));
    } finally {
      database.close();
    }
  });
}

/** The same where there may be no catalogue yet: then it is `none`. */
export function askCatalogueIfThere<T>(context: Context, ask: (database: DatabaseSync) => T, none: T): T {
  try {
    return askCatalogue(context, ask);
  } catch (error) {
    if (error instanceof NoCatalogueError) return none;
    throw error;
  }
}
