import { nameFromShown } from '../base/names.ts';
import { keepGenerated } from '../catalogue/describe/generated.ts';
import { describePath } from '../catalogue/describe/written.ts';
import { digestFromText } from '../hash/digest.ts';
import type { NewDescription } from '../serve/types.ts';
import { wallNs } from '../sys/clock.ts';
import { changeCatalogue } from './change-catalogue.ts';
import type { Context } from './context.ts';

/** Writes a description down. Throws NotWatchedError, NothingThereError and NoCatalogueError. */
export async function writeDown(context: Context, description: NewDescription): Promise<void> {
  const { path, text, generated } = description;
  await changeCatalogue(context, {
    ask: (daemon) => daemon.describe(description),
    write: (database) => {
      if (generated === undefined) describePath(database, nameFromShown(path), text, wallNs());
      else keepGenerated(database, { digest: digestFromText(generated.digest), model: generated.model, text }, wallNs());
    },
  });
}
