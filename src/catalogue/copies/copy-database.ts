import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { isDatabaseFull, SystemError } from '../../base/errors.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { endReading } from '../database.ts';

/** Between so many pages (of 8 KiB) the event loop turns: some milliseconds. */
const PAGES_AT_ONCE = 1000;
const PAGE_BYTES = 8192;

/**
 * Copies a database as it is at one moment into a new file, beside its writer and without making it wait: all pages are read in one transaction. The copy is a single file, without a log, readable by
 * its owner alone; to be synced by the caller. When this rejects, there is no copy.
 */
export async function copyDatabase(source: DatabaseSync, file: string, onProgress?: ProgressListener): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600));
  source.exec('BEGIN');
  try {
    // A transaction sees its moment from its first reading on.
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(source, file, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) =>
        onProgress?.({
          phase: 'copying',
          ...{ doneItems: totalPages - remainingPages, totalItems: totalPages },
          ...{ doneBytes: (totalPages - remainingPages) * PAGE_BYTES, totalBytes: totalPages * PAGE_BYTES },
        }),
    });
    withoutLog(file);
  } catch (error) {
    removeDatabase(file);
    throw onFullDisk(error, file);
  } finally {
    endReading(source);
  }
}

/** Makes a database that nobody has open one file: what stands in its log is taken into it. */
export function withoutLog(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
  } finally {
    database.close();
  }
}

/** Makes what was written to a file durable; its name is another matter. */
export function syncFile(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes a database with what SQLite keeps beside it; one that is not there is removed already. */
export function removeDatabase(file: string): void {
  for (const suffix of ['-journal', '-wal', '-shm', '']) rmSync(`${file}${suffix}`, { force: true });
}

/** SQLite's word for a full disk as that of the system; any other error as it is. */
export function onFullDisk(error: unknown, file: string): unknown {
  return isDatabaseFull(error) ? new SystemError('ENOSPC', 'write', file, { cause: error }) : error;
}
