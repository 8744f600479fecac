import { type ByteName, showName } from '../base/names.ts';
import type { ProgressListener } from '../base/progress.ts';
import type { Store } from '../store/types.ts';
import { Archive } from '../tree/archive.ts';
import { save } from '../tree/save/save.ts';
import type { StreamSource } from '../tree/save/save-stream.ts';
import type { Revision, SaveOptions, SaveReport } from '../tree/types.ts';
import type { Context } from './context.ts';
import { fileCachePlace } from './file-cache-place.ts';

/** Saves an absolute path, or a stream, shows how it goes, and tells the context of what failed. */
export async function saveFolder(
  context: Context,
  source: ByteName | StreamSource,
  archive: string,
  options: SaveOptions,
): Promise<SaveReport> {
  const { output } = context;
  const { settings } = await context.config();
  const store = await context.openStore();
  const report = await save({
    store,
    archive,
    source,
    ...(typeof source === 'string' && { cacheFile: fileCachePlace(context.folders, store.name, archive, source) }),
    options: {
      ...(settings.save.threads !== undefined && { threads: settings.save.threads }),
      ...options,
      onProgress: withExpectation(output.onProgress, await newestRevision(store, archive)),
      onError: output.itemError,
      signal: context.signal,
    },
  });
  output.detail(`Saved ${showName(typeof source === 'string' ? source : source.name)} into ${store.name}.`);
  if (report.errors.length > 0) context.partial();
  return report;
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
