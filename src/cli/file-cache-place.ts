import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Folders } from '../base/config/folders.ts';

/** Where the file cache of a source stands: one for each store, archive and source. Its folder is made. */
export function fileCachePlace(folders: Folders, store: string, archive: string, source: string): string {
  const folder = join(folders.cacheDir, 'files');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update([store, archive, source].join('\0')).digest('hex').slice(0, 32);
  return join(folder, name);
}
