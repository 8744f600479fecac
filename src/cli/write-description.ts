import { catalogueFile } from '../base/config/folders.ts';
import { nameFromShown } from '../base/names.ts';
import { openForReading, openForWriting } from '../catalogue/database.ts';
import { keepGenerated } from '../catalogue/describe/generated.ts';
import { describePath } from '../catalogue/describe/written.ts';
import { digestFromText } from '../hash/digest.ts';
import { DaemonClient } from '../serve/client.ts';
import { DaemonNotRunningError } from '../serve/errors.ts';
import { HomeLock } from '../serve/home-lock.ts';
import type { NewDescription } from '../serve/types.ts';
import { wallNs } from '../sys/clock.ts';
import type { Context } from './context.ts';
import { NoCatalogueError } from './open-catalogue.ts';

/** Writes a description down: through the daemon that has the catalogue, and where none runs, in its place. Throws NotWatchedError, NothingThereError and NoCatalogueError. */
export async function writeDown({ folders }: Context, description: NewDescription): Promise<void> {
  try {
    await new DaemonClient(folders.stateDir).describe(description);
    return;
  } catch (error) {
    if (!(error instanceof DaemonNotRunningError)) throw error;
  }
  const lock = await HomeLock.take(folders.stateDir);
  try {
    const file = catalogueFile(folders);
    const known = openForReading(file);
    if (known === undefined) throw new NoCatalogueError(file);
    known.close();
    const database = openForWriting(file);
    try {
      const { path, text, generated } = description;
      if (generated === undefined) describePath(database, nameFromShown(path), text, wallNs());
      else keepGenerated(database, { digest: digestFromText(generated.digest), model: generated.model, text }, wallNs());
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}
