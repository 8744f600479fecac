import fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FormatError } from '../../base/errors.ts';
import { type ByteName, nameFromText } from '../../base/names.ts';
import { type Diversion, parseDiversions, parseStatus, type StatusEntry } from './dpkg-files.ts';
import { fileStamp } from './file-stamp.ts';
import { linkTarget } from './link-target.ts';
import { readBounded, textOf } from './read-bounded.ts';
import { RealFolders } from './real-folders.ts';
import type { InstalledPackage, PackageDatabase, PackagedPath } from './types.ts';

const ADMIN_FOLDER = 'var/lib/dpkg';

/** The packages of dpkg (Debian, Ubuntu and their kin) on the system installed at `root`. */
export function dpkgDatabase(root = '/'): PackageDatabase {
  const folder = join(root, ADMIN_FOLDER);
  const status = join(folder, 'status');
  return {
    manager: 'dpkg',
    stamp: () => (fileStamp(status) === '' ? undefined : [fileStamp(status), fileStamp(join(folder, 'diversions')), layoutOf(root)].join()),
    packages: () => packagesOf(root, folder),
  };
}

function* packagesOf(root: string, folder: string): Generator<InstalledPackage> {
  const status = readBounded(join(folder, 'status'));
  if (status === undefined) return;
  const diversions = readBounded(join(folder, 'diversions')) ?? '';
  const diverted = parseDiversions(diversions);
  const folders = new RealFolders(nameFromText(root === '/' ? '' : root));
  const common = crc32(diversions + layoutOf(root)).toString(36);
  for (const entry of parseStatus(status)) {
    const list = listOf(entry, folder);
    yield {
      key: `${textOf(entry.name)}:${textOf(entry.architecture)}`,
      stamp: [common, crc32(entry.text).toString(36), fileStamp(list)].join(),
      read: () => ({
        name: textOf(entry.name),
        version: textOf(entry.version),
        summary: textOf(entry.summary),
        paths: pathsOf(entry, list, diverted, folders),
      }),
    };
  }
}

/** Packages that may be installed for several architectures at once say in the name of their list for which it is. */
function listOf({ name, architecture }: StatusEntry, folder: string): string {
  if (/[/\0]/.test(name + architecture)) throw new FormatError(`${folder}/status`, `no name of a package: ${textOf(name)}`);
  const withArchitecture = join(folder, 'info', `${name}:${architecture}.list`);
  return fs.existsSync(withArchitecture) ? withArchitecture : join(folder, 'info', `${name}.list`);
}

function* pathsOf(
  entry: StatusEntry,
  list: string,
  diverted: ReadonlyMap<string, Diversion>,
  folders: RealFolders,
): Generator<PackagedPath> {
  const lines = (readBounded(list) ?? '').split('\n').filter((line) => line.startsWith('/') && line !== '/.');
  // A list names folders like files. Those with something of the same list in them are shared by many; one that is empty is the package's own.
  const parents = new Set(lines.map((line) => line.slice(0, line.lastIndexOf('/'))));
  for (const line of lines) {
    if (parents.has(line)) continue;
    const diversion = diverted.get(line);
    const path = diversion === undefined || diversion.by === entry.name ? line : diversion.to;
    yield { path: folders.pathOf(path as ByteName), kind: entry.configuration.has(line) ? 'configuration' : 'file' };
  }
}

/** Which of the folders at the top are links, since a merge of /bin into /usr moves what packages list. */
function layoutOf(root: string): string {
  return ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].map((name) => linkTarget(join(root, name)) ?? '').join();
}
