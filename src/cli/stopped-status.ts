import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Folders } from '../base/config/folders.ts';
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
  const path = join(folders.dataDir, 'catalogue.db');
  const found = statSync(path, { throwIfNoEntry: false });
  return { state: 'stopped', ...(found !== undefined && { catalogue: { path, bytes: found.size } }), roots: [] };
}
