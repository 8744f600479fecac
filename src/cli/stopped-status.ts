import { statSync } from 'node:fs';
import { catalogueFile, type Folders } from '../base/config/folders.ts';
import { isFolder } from '../base/is-folder.ts';
import { type ByteName, nameToBytes, showName } from '../base/names.ts';
import { openForReading } from '../catalogue/database.ts';
import { figuresOf, type RootFigures } from '../catalogue/figures.ts';
import type { CatalogueFile, RootStatus } from '../serve/types.ts';

/** What `varve status` says where no daemon runs. */
export interface StoppedStatus {
  readonly state: 'stopped';
  /** Absent where nothing has been watched yet. */
  readonly catalogue?: CatalogueFile;
  /** As they were known when the daemon stopped. */
  readonly roots: readonly RootStatus[];
}

export function stoppedStatus(folders: Folders): StoppedStatus {
  const path = catalogueFile(folders);
  const found = statSync(path, { throwIfNoEntry: false });
  return { state: 'stopped', ...(found !== undefined && { catalogue: { path, bytes: found.size } }), roots: rootsIn(path) };
}

function rootsIn(path: string): RootStatus[] {
  const database = openForReading(path);
  try {
    return database === undefined ? [] : figuresOf(database).map(unwatched);
  } finally {
    database?.close();
  }
}

function unwatched({ path, isScanned: _, ...figures }: RootFigures): RootStatus {
  return { ...figures, path: showName(path), scanned: 0, watcher: 'none', scanning: false, missing: isMissing(path), unwatched: [] };
}

/** Of what this user cannot look at nobody says that it is missing. */
function isMissing(path: ByteName): boolean {
  try {
    return !isFolder(nameToBytes(path));
  } catch {
    return false;
  }
}
