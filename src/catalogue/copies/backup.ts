import { existsSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../../base/errors.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { syncFolder } from '../../sys/durable.ts';
import { checkCatalogue } from '../check/check.ts';
import { openForReading } from '../database.ts';
import { copyDatabase, syncFile } from './copy-database.ts';
import { CopyExistsError, DamagedCatalogueError } from './errors.ts';
import { TemporaryFolder } from './temporary-folder.ts';

export interface BackupOptions {
  /** The file that `source` is of. */
  readonly catalogue: string;
  /** Where the copy is to be. */
  readonly file: string;
  /** Takes the place of a file that is there. */
  readonly replace: boolean;
  readonly onProgress?: ProgressListener;
  readonly signal?: AbortSignal;
}

export interface BackupReport {
  readonly bytes: number;
  /** Files and folders in it. */
  readonly nodes: number;
}

/**
 * Copies the catalogue as it is at one moment, also while a daemon writes it, and checks every invariant of the copy. The commit point is the rename of the synced copy: at any interruption
 * there is the whole of it or what was there before, and what a killed process has left beside it is removed by the next. Rejects with CopyExistsError, UsageError for the catalogue itself, DamagedCatalogueError and SystemError.
 */
export async function backUpCatalogue(source: DatabaseSync, options: BackupOptions): Promise<BackupReport> {
  const { catalogue, file, replace, onProgress, signal } = options;
  if (!replace && existsSync(file)) throw new CopyExistsError(file);
  if (isSameFile(catalogue, file)) throw new UsageError(`${file} is the catalogue itself`, 'Name another file for the copy.');
  using folder = TemporaryFolder.beside(file);
  const temporary = join(folder.path, 'copy.db');
  await copyDatabase(source, temporary, onProgress);
  signal?.throwIfAborted();
  const nodes = checkCopy(catalogue, temporary);
  syncFile(temporary);
  if (!replace && existsSync(file)) throw new CopyExistsError(file);
  renameSync(temporary, file);
  syncFolder(dirname(file));
  return { bytes: statSync(file).size, nodes };
}

/** Whoever has the catalogue open would go on writing into the one that was replaced. */
function isSameFile(catalogue: string, file: string): boolean {
  const [a, b] = [catalogue, file].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

function checkCopy(catalogue: string, copy: string): number {
  using database = openForReading(copy);
  let violations = 0;
  const { nodes } = checkCatalogue(database as DatabaseSync, () => violations++);
  if (violations > 0) throw new DamagedCatalogueError(catalogue, violations);
  return nodes;
}
