import { join } from 'node:path';
import type { Folders } from '../base/config/folders.ts';
import { makeMissingFolders } from '../base/make-folders.ts';
import { blake3 } from '../hash/blake3.ts';
import { digestToText } from '../hash/digest.ts';

/** Where the file cache of a source stands: one for each store, archive and source. Its folder is made. */
export function fileCachePlace(folders: Folders, store: string, archive: string, source: string): string {
  const folder = join(folders.cacheDir, 'files');
  makeMissingFolders(folder);
  const name = digestToText(blake3.hash(Buffer.from([store, archive, source].join('\0')))).slice(-32);
  return join(folder, name);
}
