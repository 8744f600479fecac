import * as fs from 'node:fs';
import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { copyThroughMemory } from '../copy.ts';
import { fromNodeError } from '../errno.ts';
import { checkOwner } from '../owner-number.ts';
import { Stat } from '../stat.ts';
import type { System, Time } from '../types.ts';
import { isWindows } from './path.ts';
import { statDescriptor } from './stat.ts';
import { toNodeTime } from './times.ts';

const stat = new Stat();

/** Every function of `System` that takes an open file, but locks. */
type FileFunctions = Pick<
  System,
  | ('statFile' | 'closeFile' | 'read' | 'write' | 'truncate' | 'syncFile' | 'syncData')
  | ('setFileTimes' | 'setFileMode' | 'setFileOwner')
  | ('listFileXattrs' | 'getFileXattr' | 'setFileXattr' | 'removeFileXattr')
  | ('nextData' | 'nextHole' | 'punchHole' | 'allocate' | 'cloneFile' | 'cloneRange' | 'copyRange')
  | ('adviseSequential' | 'adviseDontNeed' | 'fetchRanges' | 'isOpenElsewhere')
>;

export const portableFiles: FileFunctions = {
  statFile: (fd, into) => attempt(() => statDescriptor(fd, into)),
  closeFile: (fd) => attempt(() => fs.closeSync(fd)),
  read,
  write,
  truncate: (fd, sizeBytes) => attempt(() => fs.ftruncateSync(fd, sizeBytes)),
  syncFile: (fd) => attempt(() => fs.fsyncSync(fd)),
  syncData: (fd) => attempt(() => fs.fdatasyncSync(fd)),

  setFileTimes(fd: number, mtime: Time, atime?: Time) {
    attempt(() => {
      if (atime === undefined) statDescriptor(fd, stat);
      fs.futimesSync(fd, toNodeTime(atime ?? stat.atime), toNodeTime(mtime));
    });
  },
  setFileMode: (fd, mode) => attempt(() => fs.fchmodSync(fd, mode)),
  setFileOwner(fd, uid, gid) {
    if (isWindows) unsupported('fchown');
    checkOwner(uid, gid);
    attempt(() => fs.fchownSync(fd, uid, gid));
  },
  listFileXattrs: () => [] as ByteName[],
  getFileXattr: () => undefined,
  setFileXattr: () => unsupported('fsetxattr'),
  removeFileXattr: () => unsupported('fremovexattr'),

  nextData: (fd, from) => (from < sizeOf(fd) ? from : undefined),
  nextHole: (fd) => sizeOf(fd),
  punchHole: () => false,
  allocate: () => false,
  cloneFile: () => false,
  cloneRange: () => false,
  copyRange: (from, fromOffset, to, toOffset, lengthBytes) =>
    copyThroughMemory({ read, write }, from, fromOffset, to, toOffset, lengthBytes),
  adviseSequential() {},
  adviseDontNeed() {},
  fetchRanges() {},
  isOpenElsewhere: () => undefined,
};

function read(fd: number, bytes: Uint8Array, position?: number): number {
  return attempt(() => fs.readSync(fd, bytes, 0, bytes.length, position ?? null));
}

function write(fd: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    done += attempt(() => fs.writeSync(fd, bytes, done, bytes.length - done, at));
  }
}

function sizeOf(fd: number): number {
  attempt(() => statDescriptor(fd, stat));
  return stat.size;
}

function attempt<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw fromNodeError(error);
  }
}

function unsupported(syscall: string): never {
  throw new SystemError('EOPNOTSUPP', syscall);
}
