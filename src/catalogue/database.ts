import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { hasErrno, NewerFormatError, VarveError } from '../base/errors.ts';
import { fromNodeError } from '../sys/errno.ts';
import { makePrivateFile, takeFromOthers } from '../sys/private-file.ts';
import { MIGRATIONS } from './schema.ts';

/** `application_id` of a catalogue: "Varv" as a big-endian number. */
const APPLICATION_ID = 0x56617276;
const PAGE_BYTES = 8192;
/** Writers and checkpoints block nobody for longer than a moment in WAL mode; whoever has to wait at all waits this long. */
const BUSY_TIMEOUT_MS = 10_000;
const CACHE_KIB = 16_000;
/** From so many pages on (192 MiB) the writer itself brings the log into the database; before that a thread beside it does (write/checkpoints.ts). */
const LONGEST_LOG_PAGES = 24_000;
/** As much as SQLite sorts at once where it may put the sorted parts into a temporary file. */
const SMALL_SORT_KIB = 1000;

/** The file is no catalogue, or damaged. */
export class CatalogueFormatError extends VarveError {
  constructor(path: string, problem: string, advice: string, cause?: unknown) {
    super('CATALOGUE_FORMAT', `${path} ${problem}`, { advice, cause });
  }
}

/**
 * Opens the catalogue for its only writer, making it or bringing it to the newest version where necessary. Whoever calls this holds the lock of the home, so
 * that there is one. Nobody but its owner can read it.
 */
export function openForWriting(path: string): DatabaseSync {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    guarded(path, () => {
      check(path, database);
      database.exec(`
        PRAGMA page_size = ${PAGE_BYTES};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA foreign_keys = OFF;
        PRAGMA cache_size = -${CACHE_KIB};
        PRAGMA journal_size_limit = 67108864;
        PRAGMA wal_autocheckpoint = ${LONGEST_LOG_PAGES};
        PRAGMA temp_store = MEMORY;
      `);
      migrate(database);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite gives what it makes beside a database the mode of that. */
function makePrivate(path: string): void {
  if (!makePrivateFile(path)) for (const suffix of ['', '-wal', '-shm']) takeFromOthers(path + suffix);
}

/**
 * Runs `work`, which sorts a whole table to make an index, say, with sorts of a mebibyte that are merged from a temporary file (in TMPDIR, or /var/tmp), outside of any transaction. What is sorted then stays in the processor's caches: the
 * index of a million inodes takes 0.28 s so, and 0.52 s and 60 MB where it is sorted in memory at once. In memory it is done where no such file can be written.
 */
export function withSmallSorts<T>(database: DatabaseSync, work: () => T): T {
  database.exec(`PRAGMA temp_store = FILE; PRAGMA cache_size = -${SMALL_SORT_KIB}`);
  try {
    return work();
  } catch (error) {
    if (!CANNOT_SPILL.has(resultCode(error))) throw error;
  } finally {
    database.exec(`PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${CACHE_KIB}`);
  }
  return work();
}

/** Opens a catalogue that is open for writing, to bring its log into it. */
export function openForCheckpoints(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
}

/** Opens the catalogue for questions, beside its writer or without one. Undefined when there is none yet; throws SystemError when it may not be read, or not be reached. */
export function openForReading(path: string): DatabaseSync | undefined {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    if (resultCode(error) === SQLITE_CANTOPEN && !isReadable(path)) return undefined;
    throw error;
  }
  try {
    guarded(path, () => {
      check(path, database);
      // What has to be sorted or put by beyond SQLite's cache goes into a temporary file, so that no question takes memory without a bound.
      database.exec('PRAGMA cache_size = -16000; PRAGMA temp_store = FILE;');
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite says the same of a file that is missing and of one that may not be read. False when there is none; throws SystemError when there may be one. */
function isReadable(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.R_OK);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw fromNodeError(error, path);
  }
}

/** Ends a transaction in which nothing was changed. SQLite has ended it by itself where the disk has failed, or is full. */
export function endReading(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('COMMIT');
}

/** Runs `ask` in one transaction, so that all its queries see the same moment. */
export function atOneMoment<T>(database: DatabaseSync, ask: () => T): T {
  if (database.isTransaction) return ask();
  database.exec('BEGIN');
  try {
    return ask();
  } finally {
    endReading(database);
  }
}

/** Runs `change` in one transaction, or in the one that is open. When it throws, nothing of it remains, nor of that. */
export function inTransaction<T>(database: DatabaseSync, change: () => T): T {
  if (database.isTransaction) return change();
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // On a full disk SQLite has done so by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Whether an error says that the file is damaged, or that it is no database. */
export function isDamage(error: unknown): boolean {
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(resultCode(error));
}

/** What SQLite says of an error, without what it adds to it (https://sqlite.org/rescode.html); 0 where it was none of its own. */
function resultCode(error: unknown): number {
  return ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;
}

const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const CANNOT_SPILL: ReadonlySet<number> = new Set([SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN]);

function guarded(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (isDamage(error))
      throw new CatalogueFormatError(path, 'is damaged', 'Move it away and run "varve start" again: the trees are scanned anew.', error);
    throw error;
  }
}

function check(path: string, database: DatabaseSync): void {
  const application = pragma(database, 'application_id');
  const version = schemaVersion(database);
  if (application !== APPLICATION_ID && !isEmpty(database))
    throw new CatalogueFormatError(path, 'is a database of another program', 'Move it away, or set VARVE_HOME to another folder.');
  if (version > MIGRATIONS.length) throw new NewerFormatError(path, version, MIGRATIONS.length);
}

/** Whether nothing was ever made in a database. */
export function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count === 0;
}

/** Brings an open database to a version of the schema, which is the newest unless somebody rebuilds an older catalogue. A step that fails leaves it at the version before. */
export function migrate(database: DatabaseSync, newest: number = MIGRATIONS.length): void {
  for (let version = schemaVersion(database); version < newest; version++)
    inTransaction(database, () => {
      database.exec(MIGRATIONS[version] as string);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}`);
    });
}

export function schemaVersion(database: DatabaseSync): number {
  return pragma(database, 'user_version');
}

function pragma(database: DatabaseSync, name: string): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0] as number;
}
