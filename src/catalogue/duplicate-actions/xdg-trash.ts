import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { hasErrno } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, nameFromText, nameToBytes, showName } from '../../base/names.ts';
import { makeFolder } from '../../sys/durable.ts';
import { fromNodeError } from '../../sys/errno.ts';
import { openPrivateFolder, PRIVATE_FOLDER_MODE } from '../../sys/private-folder.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { joined } from '../look/paths.ts';
import { isSameVersion, type OpenFile } from './open-file.ts';
import { CopyRefusedError } from './types.ts';

const STICKY = 0o1000;
const FILES = 'files' as ByteName;
const INFO = 'info' as ByteName;
/** Names tried in one trash before it is given up. */
const MAX_NAMES = 10_000;
const stat = new Stat();

/** A trash folder, and what the paths in it are relative to: nothing in the user's own. */
interface TrashFolder {
  readonly path: ByteName;
  readonly top: ByteName | undefined;
}

/**
 * Moves a file to the trash of its user, or to that of the file system it is on, by the FreeDesktop.org Trash specification 1.0. What is to be known of it is durable before the
 * file is moved, which is the commit point. Returns where it is. Throws CopyRefusedError when it turns out to have been changed, and what `check` throws behind the move; it is back then.
 */
export function moveToTrash(file: OpenFile, check: () => void, env: NodeJS.ProcessEnv = process.env, now = new Date()): ByteName {
  const trash = trashFor(file, env);
  using folder = system().openDirectory(trash.path);
  using files = openPrivateFolder(folder, FILES);
  using info = openPrivateFolder(folder, INFO);
  const name = reserveName(files, info, file, trash, now);
  try {
    file.mustBeUnchanged();
    file.directory.rename(file.name, files, name, 'noReplace');
  } catch (error) {
    info.remove(infoName(name));
    throw error;
  }
  try {
    if (files.stat(name, stat) && !isSameVersion(stat, file.stat)) throw file.changed();
    check();
  } catch (error) {
    files.rename(name, file.directory, file.name, 'noReplace');
    info.remove(infoName(name));
    throw error;
  }
  return joined(joined(trash.path, FILES), name);
}

/** The user's own trash where that is on the same file system, else the one at the top of the file's. */
function trashFor(file: OpenFile, env: NodeJS.ProcessEnv): TrashFolder {
  if (process.platform === 'win32' || process.platform === 'darwin')
    throw new CopyRefusedError('NO_TRASH', 'the trash of this system cannot be used', 'Use --link or --reflink.');
  const data = env.XDG_DATA_HOME && isAbsolute(env.XDG_DATA_HOME) ? env.XDG_DATA_HOME : join(env.HOME || homedir(), '.local/share');
  const home = join(data, 'Trash');
  const path = nameFromText(home);
  if (isMade(home) && deviceOf(path) === file.stat.dev) return { path, top: undefined };
  const top = topOf(folderOf(file), file.stat.dev);
  return { path: sharedTrash(top) ?? ownTrash(top), top };
}

/** False where the user may not have a trash of his own. */
function isMade(folder: string): boolean {
  try {
    makeFolder(folder, PRIVATE_FOLDER_MODE);
    return true;
  } catch (error) {
    if (!hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) throw fromNodeError(error, folder);
    return false;
  }
}

/** `.Trash` at the top, made by an administrator for everybody: a real folder with the sticky bit, or it does not count. */
function sharedTrash(top: ByteName): ByteName | undefined {
  using folder = system().openDirectory(top);
  const name = '.Trash' as ByteName;
  if (!folder.stat(name, stat) || stat.kind !== 'directory' || (stat.mode & STICKY) === 0) return undefined;
  using shared = folder.openDirectory(name);
  openPrivateFolder(shared, userName()).close();
  return joined(joined(top, name), userName());
}

function ownTrash(top: ByteName): ByteName {
  using folder = system().openDirectory(top);
  const name = `.Trash-${userName()}` as ByteName;
  try {
    openPrivateFolder(folder, name).close();
  } catch (error) {
    if (!hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP')) throw error;
    const place = showName(joined(top, name));
    throw new CopyRefusedError('NO_TRASH', `there can be no trash at ${place}: ${(error as Error).message}`, 'Use --link or --reflink.');
  }
  return joined(top, name);
}

function userName(): ByteName {
  return nameFromText(String(process.getuid?.() ?? 0));
}

/** Writes what the file was and when it went, under the first name that is free. */
function reserveName(files: Directory, info: Directory, file: OpenFile, { top }: TrashFolder, now: Date): ByteName {
  const path = joined(folderOf(file), file.name);
  const shown = top === undefined ? path : path.slice(top.endsWith('/') ? top.length : top.length + 1);
  const text = `[Trash Info]\nPath=${escapePath(shown)}\nDeletionDate=${localTime(now)}\n`;
  for (let count = 1; count <= MAX_NAMES; count++) {
    // A name may have 255 bytes, with the number and `.trashinfo`.
    const name = (count === 1 ? file.name.slice(0, 245) : `${file.name.slice(0, 238)}.${count}`) as ByteName;
    if (files.stat(name, stat)) continue;
    try {
      const fd = info.openFile(infoName(name), 'createExclusive', 0o600);
      try {
        system().write(fd, Buffer.from(text, 'latin1'));
        system().syncFile(fd);
      } finally {
        system().closeFile(fd);
      }
      return name;
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
    }
  }
  throw new CopyRefusedError('NO_TRASH', `the trash holds too many files named ${showName(file.name)}`, 'Empty the trash.');
}

function infoName(name: ByteName): ByteName {
  return `${name}.trashinfo` as ByteName;
}

/** The folder of a file without symbolic links on the way. */
function folderOf({ path }: OpenFile): ByteName {
  const folder = path.slice(0, Math.max(1, path.lastIndexOf('/'))) as ByteName;
  try {
    return nameFromBytes(realpathSync(nameToBytes(folder), 'buffer'));
  } catch (error) {
    throw fromNodeError(error, showName(folder));
  }
}

/** The highest folder on the way up that is still on that device. */
function topOf(folder: ByteName, device: number): ByteName {
  for (let at = folder; ; ) {
    const above = at.slice(0, Math.max(1, at.lastIndexOf('/'))) as ByteName;
    if (above === at || deviceOf(above) !== device) return at;
    at = above;
  }
}

function deviceOf(folder: ByteName): number {
  using directory = system().openDirectory(folder);
  directory.stat('.' as ByteName, stat);
  return stat.dev;
}

/** As in a URL (RFC 2396, section 2), bytes as they are. */
function escapePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-_.!~*'()/]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function localTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
