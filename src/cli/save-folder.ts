import { type ByteName, showName } from '../base/names.ts';
import { save } from '../tree/save/save.ts';
import type { SaveOptions, SaveReport } from '../tree/types.ts';
import type { Context } from './context.ts';
import { fileCachePlace } from './file-cache-place.ts';

/** Saves an absolute path, shows how it goes, and tells the context of what failed. */
export async function saveFolder(context: Context, source: ByteName, archive: string, options: SaveOptions): Promise<SaveReport> {
  const { output } = context;
  const { settings } = await context.config();
  const store = await context.openStore();
  const report = await save({
    store,
    archive,
    source,
    cacheFile: fileCachePlace(context.folders, store.name, archive, source),
    options: {
      ...(settings.save.threads !== undefined && { threads: settings.save.threads }),
      ...options,
      onProgress: output.onProgress,
      onError: output.itemError,
      signal: context.signal,
    },
  });
  output.detail(`Saved ${showName(source)} into ${store.name}.`);
  if (report.errors.length > 0) context.partial();
  return report;
}
