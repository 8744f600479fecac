import { DatabaseSync } from 'node:sqlite';
import { NewerFormatError, VarveError } from '../base/errors.ts';
import { MIGRATIONS } from './schema.ts';

/** `application_id` of a catalogue: "Varv" as a big-endian number. */
const APPLICATION_ID = 0x56617276;
const PAGE_BYTES = 8192;
/** Writers and checkpoints block nobody for longer than a moment in WAL mode; whoever has to wait at all waits this long. */
const BUSY_TIMEOUT_MS = 10_000;

/** The file is no catalogue, or damaged. */
export class CatalogueFormatError extends VarveError {
  constructor(path: string, problem: string, advice: string, cause?: unknown) {
    super('CATALOGUE_FORMAT', `${path} ${problem}`, { advice, cause });
  }
}

/**
 * Opens the catalogue for its only writer, making it or bringing it to the newest version where necessary. Whoever calls this holds the lock of the home, so
 * that there is one.
 */
export function openForWriting(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    guarded(path, () => {
      check(path, database);
      database.exec(`
        PRAGMA page_size = ${PAGE_BYTES};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA foreign_keys = OFF;
        PRAGMA cache_size = -16000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA wal_autocheckpoint = 6000;
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

/** Opens the catalogue for questions, beside its writer or without one. Undefined when there is none yet. */
export function openForReading(path: string): DatabaseSync | undefined {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_CANTOPEN) return undefined;
    throw error;
  }
  try {
    guarded(path, () => {
      check(path, database);
      database.exec('PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;');
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `ask` in one transaction, so that all its queries see the same moment. */
export function atOneMoment<T>(database: DatabaseSync, ask: () => T): T {
  if (database.isTransaction) return ask();
  database.exec('BEGIN');
  try {
    return ask();
  } finally {
    database.exec('COMMIT');
  }
}

const SQLITE_CANTOPEN = 14;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function guarded(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = (error as { errcode?: number }).errcode;
    if (code !== undefined && [SQLITE_CORRUPT, SQLITE_NOTADB].includes(code & 0xff))
      throw new CatalogueFormatError(path, 'is damaged', 'Move it away and run "varve start" again: the trees are scanned anew.', error);
    throw error;
  }
}

function check(path: string, database: DatabaseSync): void {
  const application = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (application !== APPLICATION_ID && !isEmpty(database))
    throw new CatalogueFormatError(path, 'is a database of another program', 'Move it away, or set VARVE_HOME to another folder.');
  if (version > MIGRATIONS.length) throw new NewerFormatError(path, version, MIGRATIONS.length);
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count === 0;
}

function migrate(database: DatabaseSync): void {
  for (let version = pragma(database, 'user_version'); version < MIGRATIONS.length; version++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(MIGRATIONS[version] as string);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}; COMMIT`);
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0] as number;
}
