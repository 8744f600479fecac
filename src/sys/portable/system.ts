import { SystemError } from '../../base/errors.ts';
import * as accounts from '../posix/accounts.ts';
import { hasNative } from '../posix/libc.ts';
import { flock } from '../posix/lock.ts';
import type { Capabilities, System } from '../types.ts';
import { openPortableDirectory, PortableDirectory } from './directory.ts';
import { portableFiles } from './files.ts';
import { isWindows } from './path.ts';
import { windowsLocks } from './windows-lock.ts';

/** macOS, Windows, and whatever else Node runs on: node:fs with paths, and through koffi what every Unix has beside it. */
export const portableSystem: System = {
  get capabilities(): Capabilities {
    return {
      implementation: 'portable',
      beneath: false,
      exactTimes: false,
      xattrs: false,
      specialFiles: false,
      holes: false,
      renameModes: false,
      syncFileSystem: false,
      locks: hasNative(),
      accounts: isUnix(),
    };
  },
  openDirectory: openPortableDirectory,
  directoryFromHandle(handle) {
    if (typeof handle === 'number') throw new TypeError('the handle comes from another implementation');
    return new PortableDirectory(handle);
  },
  isPseudoFileSystem: () => false,
  ...portableFiles,
  lock(fd, mode) {
    return locks().lock(fd, mode);
  },
  unlock(fd) {
    locks().unlock(fd);
  },
  // Elsewhere it is the whole process that has one.
  lowerPriority: () => false,
  giveMemoryBack: () => false,
  openFileLimit: () => LEAST_LIMIT,
  userName: (uid) => (isUnix() ? accounts.userName(uid) : undefined),
  groupName: (gid) => (isUnix() ? accounts.groupName(gid) : undefined),
  userId: (name) => (isUnix() ? accounts.userId(name) : undefined),
  groupId: (name) => (isUnix() ? accounts.groupId(name) : undefined),
  account: (user) => (isUnix() ? accounts.account(user) : undefined),
};

/** Node raises the limit of its process itself when it starts; what every platform grants at the least is what can be relied on. */
const LEAST_LIMIT = 256;

function locks(): Pick<System, 'lock' | 'unlock'> {
  if (!hasNative()) throw new SystemError('EOPNOTSUPP', 'flock', undefined, { advice: 'Install koffi for this platform.' });
  return isWindows ? windowsLocks : flock;
}

function isUnix(): boolean {
  return !isWindows && hasNative();
}
