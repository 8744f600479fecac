import { existsSync } from 'node:fs';
import { catalogueFile } from '../base/config/folders.ts';
import { type ByteName, nameFromShown, showName } from '../base/names.ts';
import type { ProgressListener } from '../base/progress.ts';
import { takeLastSave } from '../catalogue/save/last-save.ts';
import type { Observe } from '../catalogue/save/types.ts';
import { socketFile } from '../serve/socket-path.ts';
import type { Store } from '../store/types.ts';
import { Archive } from '../tree/archive.ts';
import { save } from '../tree/save/save.ts';
import type { StreamSource } from '../tree/save/save-stream.ts';
import { resolveSource } from '../tree/save/source.ts';
import type { Revision, SaveOptions } from '../tree/types.ts';
import type { Context } from './context.ts';
import { fileCachePlace } from './file-cache-place.ts';
import { counted } from './output/amounts.ts';
import type { ShownSave } from './output/save-lines.ts';

/** How a folder is saved, besides its options. */
export interface FolderSave {
  readonly archive: string;
  readonly options: SaveOptions;
  /** Whether the catalogue may say what has changed. */
  readonly useCatalogue: boolean;
}

/** Saves an absolute path, or a stream, shows how it goes, and tells the context of what failed. */
export async function saveFolder(context: Context, source: ByteName | StreamSource, how: FolderSave): Promise<ShownSave> {
  const { output } = context;
  const { settings } = await context.config();
  const store = await context.openStore();
  const options: SaveOptions = {
    ...(settings.save.threads !== undefined && { threads: settings.save.threads }),
    ...how.options,
    onError: output.itemError,
    signal: context.signal,
  };
  const report = await saveSource(context, store, source, { ...how, options });
  output.detail(`Saved ${showName(typeof source === 'string' ? source : source.name)} into ${store.name}.`);
  if (report.errors.length > 0) context.partial();
  return report;
}

async function saveSource(context: Context, store: Store, source: ByteName | StreamSource, how: FolderSave): Promise<ShownSave> {
  const { archive } = how;
  const onProgress = withExpectation(context.output.onProgress, await newestRevision(store, archive));
  const options = { ...how.options, onProgress };
  if (typeof source !== 'string') return save({ store, archive, source, options });
  const cacheFile = fileCachePlace(context.folders, store.name, archive, source);
  const { kind, path } = resolveSource(source);
  if (kind !== 'directory' || !how.useCatalogue || !existsSync(socketFile(context.folders.stateDir))) {
    if (!options.dryRun) takeLastSave(cacheFile);
    return save({ store, archive, source, cacheFile, options });
  }
  const { saveWatched } = await import('../catalogue/save/save-watched.ts');
  return saveWatched({
    ...{ store, archive, source: path, cacheFile, options },
    catalogue: catalogueFile(context.folders),
    observe: await observer(context),
    onWay: (way) =>
      context.output.detail(
        'doubt' in way
          ? `Looking at everything, because ${way.doubt}.`
          : `Looking at ${counted(way.paths, 'path')}: the catalogue knows of no other changes.`,
      ),
  });
}

/** Asks the daemon. */
async function observer({ folders }: Context): Promise<Observe> {
  const { DaemonClient } = await import('../serve/client.ts');
  const daemon = new DaemonClient(folders.stateDir);
  return async (signal) => {
    const { token, unwatched } = await daemon.syncPoint(signal);
    return { moment: Number(token), unwatched: unwatched.map(nameFromShown) };
  };
}

async function newestRevision(store: Store, archive: string): Promise<Revision | undefined> {
  return (await new Archive(store.archive(archive)).read()).revisions.at(-1);
}

/** Until the walk is through, the total is taken to be that of the last time. */
function withExpectation(listener: ProgressListener, last: Revision | undefined): ProgressListener {
  if (last === undefined) return listener;
  return (progress) => {
    const { totalItems = Math.max(last.files, progress.doneItems), totalBytes = Math.max(last.bytes, progress.doneBytes) } = progress;
    listener({ ...progress, totalItems, totalBytes });
  };
}
