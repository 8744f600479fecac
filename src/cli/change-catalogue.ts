import type { DatabaseSync } from 'node:sqlite';
import { catalogueFile, type Folders } from '../base/config/folders.ts';
import { openForReading, openForWriting } from '../catalogue/database.ts';
import { DaemonClient } from '../serve/client.ts';
import { DaemonNotRunningError } from '../serve/errors.ts';
import { HomeLock } from '../serve/home-lock.ts';
import type { DaemonControl } from '../serve/types.ts';
import { makeFolder } from '../sys/durable.ts';
import type { Context } from './context.ts';
import { NoCatalogueError } from './open-catalogue.ts';

/** The two ways to the one writer of a catalogue. */
export interface CatalogueChange {
  /** Has the daemon do it. */
  readonly ask: (daemon: DaemonControl) => Promise<void>;
  /** Does it, where no daemon runs. */
  readonly write: (database: DatabaseSync) => void;
}

/** Changes the catalogue: through the daemon that has it, and where none runs, in its place. Throws NoCatalogueError, and what the change throws. */
export async function changeCatalogue({ folders }: Context, { ask, write }: CatalogueChange): Promise<void> {
  try {
    return await ask(new DaemonClient(folders.stateDir));
  } catch (error) {
    if (!(error instanceof DaemonNotRunningError)) throw error;
  }
  const file = catalogueFile(folders);
  const known = openForReading(file);
  if (known === undefined) throw new NoCatalogueError(file);
  known.close();
  await writeCatalogue(folders, write);
}

/** Changes the catalogue in its place, and makes it where there is none yet. Throws DaemonRunningError, and what the change throws. */
export async function writeCatalogue(folders: Folders, write: CatalogueChange['write']): Promise<void> {
  const lock = await HomeLock.take(folders.stateDir);
  try {
    makeFolder(folders.dataDir);
    const database = openForWriting(catalogueFile(folders));
    try {
      write(database);
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}
