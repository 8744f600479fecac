import * as accounts from '../posix/accounts.ts';
import { flock } from '../posix/lock.ts';
import type { System } from '../types.ts';
import { LinuxDirectory, openLinuxDirectory } from './directory.ts';
import * as extents from './extents.ts';
import { fetchRanges } from './fetch.ts';
import * as files from './files.ts';
import { isOpenElsewhere } from './lease.ts';
import { openFileLimit } from './limits.ts';
import { giveMemoryBack } from './memory.ts';
import { lowerPriority } from './priority.ts';
import { isPseudoFileSystem } from './pseudo-file-systems.ts';
import { fileXattrs } from './xattrs.ts';

/** Linux on x64 and arm64, through libc (glibc or musl) and file descriptors. */
export const linuxSystem: System = {
  capabilities: {
    implementation: 'linux',
    beneath: true,
    exactTimes: true,
    xattrs: true,
    specialFiles: true,
    holes: true,
    renameModes: true,
    syncFileSystem: true,
    locks: true,
    accounts: true,
  },
  openDirectory: openLinuxDirectory,
  directoryFromHandle(handle) {
    if (typeof handle !== 'number') throw new TypeError('the handle comes from another implementation');
    return new LinuxDirectory(handle, false);
  },
  isPseudoFileSystem,
  ...files,
  ...extents,
  fetchRanges,
  isOpenElsewhere,
  ...accounts,
  listFileXattrs: fileXattrs.list,
  getFileXattr: fileXattrs.get,
  setFileXattr: fileXattrs.set,
  removeFileXattr: fileXattrs.remove,
  ...flock,
  lowerPriority,
  giveMemoryBack,
  openFileLimit,
};
