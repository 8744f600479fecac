import { randomInt } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, linkSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FormatError, VarveError } from '../../base/errors.ts';
import type { ProgressListener } from '../../base/progress.ts';
import { syncFolder } from '../../sys/durable.ts';
import { checkCatalogue } from '../check/check.ts';
import { CatalogueFormatError, isDamage, isEmpty, openForReading, openForWriting } from '../database.ts';
import type { KeptContent } from '../keep/types.ts';
import { lastEventNumber, lastNodeNumber, skipTo } from '../numbers.ts';
import { copyDatabase, onFullDisk, removeDatabase, syncFile, withoutLog } from './copy-database.ts';
import { UnusableCopyError } from './errors.ts';
import { loadDump } from './load.ts';
import { type ProvedContents, proveContents } from './proved-contents.ts';

export interface RestoreOptions {
  /** The catalogue, which need not be there, or be sound. Its caller holds the lock of the home. */
  readonly catalogue: string;
  /** A copy of `backUpCatalogue`, or a dump. */
  readonly file: string;
  /** What the store keeps: all that is entered in the archive `versions` (KeptVersions). */
  readonly entered: () => AsyncIterable<readonly KeptContent[]>;
  /** When this is, in ns since 1970. */
  readonly now: bigint;
  readonly onProgress?: ProgressListener;
}

export interface RestoreReport {
  /** Files and folders that are known now. */
  readonly nodes: number;
  readonly contents: ProvedContents;
  /** Where the catalogue is that was replaced; undefined when there was none. */
  readonly replaced: string | undefined;
  /** Whether that one could be read. */
  readonly wasReadable: boolean;
}

/** Where nobody knows which numbers were given, so many are left out, and up to as many again: nobody has seen so many events. */
const UNKNOWN_EVENTS = 2 ** 40;

/**
 * Puts the catalogue of a copy or a dump in the place of the one that is there, which is kept beside it. What the copy says is of an earlier time, so:
 *
 * - The next start compares everything with the disk: until then there is a gap, from the last moment that the copy had observed.
 * - It is another catalogue for whoever remembers this one by its identity (the last saves of folders).
 * - Numbers that were given to events and nodes since the copy are left out: who remembers one is told that it is unknown, and never gets a later event for it.
 * - Only what the store keeps now is called kept. What the replaced one kept besides is taken over, so that rotation can let it go; the first rotation comes a day later, so that
 *   there is time to go back.
 *
 * The copy is checked before. The commit point is the rename of the new database, which was synced; before it nothing has changed, and what an interrupted run has left is
 * removed by the next. Rejects with UnusableCopyError, NewerFormatError, SystemError, and what `entered` does.
 */
export async function restoreCatalogue(options: RestoreOptions): Promise<RestoreReport> {
  const { catalogue, file, onProgress } = options;
  const temporary = `${catalogue}.restoring`;
  removeDatabase(temporary);
  try {
    await bring(file, temporary, onProgress);
    const nodes = checked(temporary, file);
    const wasReadable = settle(catalogue);
    const { contents, isTaken } = await adapt(temporary, wasReadable, options);
    // One file alone takes the place: what is left of a log would be lost.
    withoutLog(temporary);
    syncFile(temporary);
    return { nodes, contents, replaced: takePlace(temporary, catalogue, options.now), wasReadable: isTaken };
  } catch (error) {
    throw onFullDisk(error, catalogue);
  } finally {
    removeDatabase(temporary);
  }
}

/** Makes the database of a copy or a dump. */
async function bring(file: string, into: string, onProgress: ProgressListener | undefined): Promise<void> {
  try {
    if (!isDatabase(file)) return await loadDump(file, into);
    using copy = openForReading(file);
    if (copy === undefined) throw new UnusableCopyError(file, 'cannot be opened');
    if (isEmpty(copy)) throw new UnusableCopyError(file, 'is empty');
    await copyDatabase(copy, into, onProgress);
  } catch (error) {
    if (error instanceof FormatError) throw new UnusableCopyError(file, `cannot be read: ${error.message}`, error);
    if (error instanceof CatalogueFormatError || isDamage(error))
      throw new UnusableCopyError(file, 'is no copy of a catalogue, or damaged', error);
    throw error;
  }
}

function isDatabase(file: string): boolean {
  const head = Buffer.alloc(16);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  return head.toString('latin1') === 'SQLite format 3\0';
}

/** Brings it to the newest version and holds it against every invariant; returns how many nodes it has. */
function checked(database: string, file: string): number {
  using copy = openForWriting(database);
  let violations = 0;
  let first = '';
  const { nodes } = checkCatalogue(copy, ({ problem }) => {
    if (violations++ === 0) first = problem;
  });
  if (violations > 0) throw new UnusableCopyError(file, `is not sound (${violations} violations, the first: ${first})`);
  return nodes;
}

/** Takes the log of the catalogue that is there into its file, as its next start would. Returns whether it can be read. */
function settle(catalogue: string): boolean {
  if (!existsSync(catalogue)) return false;
  try {
    using database = openForWriting(catalogue);
    const row = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    if (row.busy === 0) return true;
  } catch (error) {
    if (error instanceof VarveError || isDamage(error)) return false;
    throw error;
  }
  throw new VarveError('CATALOGUE_BUSY', `${catalogue} is being read by another command`, {
    advice: 'Wait until that has ended, and try again; nothing was changed.',
  });
}

/** Lets the copy go on from what has been given and kept since. A catalogue that turns out to be damaged while it is asked is as one that is not there. */
async function adapt(
  database: string,
  hasReplaced: boolean,
  options: RestoreOptions,
): Promise<{ readonly contents: ProvedContents; readonly isTaken: boolean }> {
  try {
    return { contents: await adaptTo(database, hasReplaced ? options.catalogue : undefined, options), isTaken: hasReplaced };
  } catch (error) {
    if (!hasReplaced || !isDamage(error)) throw error;
    return { contents: await adaptTo(database, undefined, options), isTaken: false };
  }
}

async function adaptTo(database: string, replaced: string | undefined, { entered, now }: RestoreOptions): Promise<ProvedContents> {
  using copy = openForWriting(database);
  // Millions of digests may come.
  copy.exec('PRAGMA temp_store = FILE');
  if (replaced !== undefined) copy.prepare('ATTACH ? AS replaced').run(replaced);
  // Ends with the connection when this throws.
  copy.exec('BEGIN IMMEDIATE');
  skipTo(copy, numbersSince(copy, replaced));
  const contents = await proveContents(copy, replaced !== undefined, entered());
  copy.exec("UPDATE main.property SET value = lower(hex(randomblob(16))) WHERE name = 'identity'");
  copy.prepare("INSERT OR REPLACE INTO main.property (name, value) VALUES ('rotated', ?)").run(now);
  copy.exec('COMMIT');
  return contents;
}

/** The last numbers that may have been given by now. A number of an event that somebody remembers must not become that of a later one, so one is left out at the least. */
function numbersSince(copy: DatabaseSync, replaced: string | undefined): { readonly event: number; readonly node: number } {
  const event = lastEventNumber(copy);
  if (replaced === undefined) return { event: event + UNKNOWN_EVENTS + randomInt(UNKNOWN_EVENTS), node: lastNodeNumber(copy) };
  using database = new DatabaseSync(replaced, { readOnly: true });
  return { event: Math.max(event, lastEventNumber(database)) + 1, node: lastNodeNumber(database) };
}

/** Puts a synced database in the place of the catalogue, which stays under another name. At every moment there is one of them. */
function takePlace(database: string, catalogue: string, now: bigint): string | undefined {
  const time = Temporal.Instant.fromEpochNanoseconds(now).toString({ smallestUnit: 'millisecond' }).replaceAll(':', '-');
  const replaced = `${catalogue}.replaced-${time}`;
  const isThere = existsSync(catalogue);
  // The log of one that is damaged may be all that somebody can make something of.
  if (isThere)
    for (const suffix of ['-wal', '']) if (existsSync(`${catalogue}${suffix}`)) keepAs(`${catalogue}${suffix}`, `${replaced}${suffix}`);
  syncFolder(dirname(catalogue));
  // SQLite would take them for those of the new one.
  for (const suffix of ['-wal', '-shm']) rmSync(`${catalogue}${suffix}`, { force: true });
  renameSync(database, catalogue);
  syncFolder(dirname(catalogue));
  return isThere ? replaced : undefined;
}

function keepAs(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // A file system without hard links.
    copyFileSync(file, name);
    syncFile(name);
  }
}
