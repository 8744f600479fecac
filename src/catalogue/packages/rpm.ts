import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { FormatError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { fileStamp } from './file-stamp.ts';
import { ifReachable } from './if-reachable.ts';
import { textOf } from './read-bounded.ts';
import { RealFolders } from './real-folders.ts';
import { RpmHeader } from './rpm-header.ts';
import type { InstalledPackage, PackageDatabase, PackageDetails, PackagedKind, PackagedPath } from './types.ts';

/** Where the distributions have it; the first that is there counts. */
const PLACES = ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'var/lib/rpm/rpmdb.sqlite'];
/** RPMFILE_CONFIG and RPMFILE_GHOST of rpm's lib/rpmfiles.h; a ghost is a file that the package has not brought but makes. */
const CONFIGURATION = 1;
const GHOST = 64;
/** RPMFILE_STATE_NORMAL; files of other states belong to another package, or are not there. */
const PRESENT = 0;
const TYPE_OF_MODE = 0o170000;
const DIRECTORY = 0o040000;

/** The packages of rpm (Fedora from 33 on, and others with the same database in SQLite) on the system installed at `root`. */
export function rpmDatabase(root = '/'): PackageDatabase {
  const places = PLACES.map((place) => join(root, place));
  const file = () => places.find((place) => fs.existsSync(place));
  return {
    manager: 'rpm',
    stamp() {
      const found = file();
      return found === undefined ? undefined : `${fileStamp(found)},${fileStamp(`${found}-wal`)}`;
    },
    packages() {
      const found = file();
      return found === undefined ? [] : packagesOf(found, root);
    },
  };
}

function* packagesOf(file: string, root: string): Generator<InstalledPackage> {
  using database = open(file);
  const folders = new RealFolders(nameFromText(root === '/' ? '' : root));
  // The length of a blob is known without reading it, and a number is never used again.
  const rows = query(file, () => database.prepare('SELECT hnum, length(blob) AS size FROM Packages ORDER BY hnum').all());
  const blobOf = query(file, () => database.prepare('SELECT blob FROM Packages WHERE hnum = ?'));
  for (const { hnum, size } of rows as { hnum: number; size: number }[])
    yield {
      key: String(hnum),
      stamp: `${hnum}.${size}`,
      read() {
        const blob = query(file, () => blobOf.get(hnum))?.blob;
        if (!(blob instanceof Uint8Array)) throw new FormatError(file, `package ${hnum} has no header`);
        return detailsOf(new RpmHeader(blob), folders);
      },
    };
}

/**
 * Without a log beside it, the database is opened as one that nobody changes: SQLite would otherwise make files beside it. Should rpm
 * change it meanwhile, its stamp differs and it is read again.
 */
function open(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  const hasLog = (ifReachable(() => fs.statSync(`${file}-wal`))?.size ?? 0) > 0;
  if (!hasLog) url.searchParams.set('immutable', '1');
  return query(file, () => new DatabaseSync(url, { readOnly: true, timeout: 1000 }));
}

function query<Value>(file: string, ask: () => Value): Value {
  try {
    return ask();
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SQLITE_ERROR') throw error;
    throw new FormatError(file, `cannot be read: ${(error as Error).message}`);
  }
}

function detailsOf(header: RpmHeader, folders: RealFolders): PackageDetails {
  const [epoch] = header.numbers('epoch');
  const version = textOf(`${header.text('version')}-${header.text('release')}`);
  return {
    name: textOf(header.text('name')),
    version: epoch === undefined ? version : `${epoch}:${version}`,
    summary: textOf(header.text('summary')),
    paths: pathsOf(header, folders),
  };
}

function* pathsOf(header: RpmHeader, folders: RealFolders): Generator<PackagedPath> {
  const names = header.texts('baseNames');
  const indexes = header.numbers('directoryIndexes');
  const directories = header.texts('directoryNames');
  const [modes, flags, states] = [header.numbers('fileModes'), header.numbers('fileFlags'), header.numbers('fileStates')];
  for (const [i, name] of names.entries()) {
    const directory = directories[indexes[i] ?? -1];
    if (directory === undefined) throw new FormatError('header of an rpm package', `file ${i} is in no directory`);
    const isDirectory = ((modes[i] ?? 0) & TYPE_OF_MODE) === DIRECTORY;
    if (isDirectory || !directory.startsWith('/') || (states[i] ?? PRESENT) !== PRESENT) continue;
    yield { path: folders.pathOf((directory + name) as ByteName), kind: kindOf(flags[i] ?? 0) };
  }
}

function kindOf(flags: number): PackagedKind {
  if (flags & CONFIGURATION) return 'configuration';
  return flags & GHOST ? 'data' : 'file';
}
