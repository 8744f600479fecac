import { SystemError } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, showName } from '../../base/names.ts';
import { errnoName } from '../errno.ts';
import { checkOwner } from '../owner-number.ts';
import type { PackedEntries } from '../packed-entries.ts';
import { failedWith, failure, failureOf } from '../posix/failure.ts';
import { lastErrno, libc } from '../posix/libc.ts';
import { encodeName, encodeSecondName, encodeString } from '../posix/memory.ts';
import { uninterrupted } from '../posix/retry.ts';
import type { Stat } from '../stat.ts';
import type { Device, Directory, Entries, NodeKind, OpenHow, RenameHow, Time } from '../types.ts';
import { listDirectory, openInDirectory, statDirectory } from './entries.ts';
import { setFileMode, setFileOwner, setFileTimes } from './files.ts';
import * as flags from './flags.ts';
import { setModeNoFollow } from './mode.ts';
import { resolveBeneath } from './resolve.ts';
import { encodeTimes } from './times.ts';
import { pathXattrs } from './xattrs.ts';

const OPEN_DIRECTORY = flags.O_RDONLY | flags.O_DIRECTORY | flags.O_NOFOLLOW | flags.O_CLOEXEC;
const OPEN_FILE = flags.O_NOFOLLOW | flags.O_NONBLOCK | flags.O_CLOEXEC;
const OPEN_HOW: Record<OpenHow, number> = {
  read: OPEN_FILE | flags.O_RDONLY,
  write: OPEN_FILE | flags.O_WRONLY,
  readWrite: OPEN_FILE | flags.O_RDWR,
  createExclusive: OPEN_FILE | flags.O_RDWR | flags.O_CREAT | flags.O_EXCL,
  create: OPEN_FILE | flags.O_RDWR | flags.O_CREAT,
  append: OPEN_FILE | flags.O_WRONLY | flags.O_CREAT | flags.O_APPEND,
};
const NODE_TYPE: Record<NodeKind, number> = {
  fifo: flags.S_IFIFO,
  socket: flags.S_IFSOCK,
  character: flags.S_IFCHR,
  block: flags.S_IFBLK,
};
const STAT_AND_MOUNT = flags.STATX_BASIC_AND_BIRTH | flags.STATX_MNT_ID_UNIQUE;
const SELF = '.' as ByteName;
const PARENT = encodeString('..' as ByteName);
const NOTHING = encodeString('' as ByteName);
/** Longer link targets than this cannot be made on Linux (PATH_MAX). */
const linkTarget = Buffer.alloc(4096);

/** Opens any path, following symbolic links. */
export function openLinuxDirectory(path: ByteName): LinuxDirectory {
  if (path.includes('\0')) throw new SystemError('EINVAL', 'open', showName(path));
  const fd = libc.openat(flags.AT_FDCWD, encodeString(path), OPEN_DIRECTORY & ~flags.O_NOFOLLOW, 0);
  if (fd < 0) throw new SystemError(errnoName(lastErrno()), 'open', showName(path));
  return new LinuxDirectory(fd, true);
}

/**
 * A directory held open by a file descriptor; every name is resolved by the kernel beneath it. For `.` the descriptor itself is used: to resolve even this
 * name, the kernel wants the right to search the directory, which one that was opened to be read or changed need not have.
 */
export class LinuxDirectory implements Directory {
  readonly handle: number;
  readonly #owned: boolean;
  #isOpen = true;
  /** Files of others may not be opened with O_NOATIME; one refusal in a directory is enough to stop asking. */
  #mayLeaveAccessTime = true;

  constructor(handle: number, owned: boolean) {
    this.handle = handle;
    this.#owned = owned;
  }

  close(): void {
    if (this.#isOpen && this.#owned) libc.close(this.handle);
    this.#isOpen = false;
  }
  [Symbol.dispose](): void {
    this.close();
  }

  openDirectory(name: ByteName): LinuxDirectory {
    return new LinuxDirectory(openAt(this.handle, encodeName(name), OPEN_DIRECTORY, 0, name), true);
  }

  openParent(): LinuxDirectory {
    return new LinuxDirectory(openAt(this.handle, PARENT, OPEN_DIRECTORY, 0, '..' as ByteName), true);
  }

  resolve(path: ByteName): LinuxDirectory {
    return new LinuxDirectory(resolveBeneath(this.handle, path), true);
  }

  openFile(name: ByteName, how: OpenHow, mode = 0o666): number {
    const path = encodeName(name);
    if (how !== 'read') return openAt(this.handle, path, OPEN_HOW[how], mode, name);
    for (;;) {
      const fd = this.#openToRead(path);
      if (fd >= 0) return fd;
      if (!failedWith('EINTR')) throw failure('openat', this.handle, name);
    }
  }

  /** -1 on failure. */
  #openToRead(path: Uint8Array): number {
    if (this.#mayLeaveAccessTime) {
      const fd = libc.openat(this.handle, path, OPEN_HOW.read | flags.O_NOATIME, 0);
      if (fd >= 0 || !failedWith('EPERM')) return fd;
      this.#mayLeaveAccessTime = false;
    }
    return libc.openat(this.handle, path, OPEN_HOW.read, 0);
  }

  entries(): Entries {
    return listDirectory(this.handle);
  }

  statEntries(into: PackedEntries, onFailure: (name: ByteName, error: SystemError) => void): void {
    statDirectory(this.handle, into, onFailure);
  }

  openFiles(
    visit: (fd: number, stat: Stat, names: Uint8Array, from: number, to: number) => boolean,
    onFailure: (name: ByteName, error: SystemError) => void,
  ): ByteName[] {
    return openInDirectory(this.handle, (path) => this.#openToRead(path), visit, onFailure);
  }

  stat(name: ByteName, into: Stat): boolean {
    const path = name === SELF ? NOTHING : encodeName(name);
    const options = flags.AT_SYMLINK_NOFOLLOW | flags.AT_NO_AUTOMOUNT | (name === SELF ? flags.AT_EMPTY_PATH : 0);
    if (libc.statx(this.handle, path, options, STAT_AND_MOUNT, into.bytes) === 0) return true;
    if (failedWith('ENOENT')) return false;
    throw failure('statx', this.handle, name);
  }

  readLink(name: ByteName): ByteName {
    const length = libc.readlinkat(this.handle, encodeName(name), linkTarget, linkTarget.length);
    if (length < 0) throw failure('readlinkat', this.handle, name);
    return nameFromBytes(linkTarget.subarray(0, length));
  }

  makeDirectory(name: ByteName, mode = 0o777): void {
    this.#check(libc.mkdirat(this.handle, encodeName(name), mode), 'mkdirat', name);
  }

  symlink(target: ByteName, name: ByteName): void {
    if (target.includes('\0')) throw failureOf('EINVAL', 'symlinkat', this.handle, name);
    this.#check(libc.symlinkat(encodeString(target), this.handle, encodeName(name)), 'symlinkat', name);
  }

  link(fromDirectory: Directory, fromName: ByteName, name: ByteName): void {
    const from = encodeSecondName(fromName);
    this.#check(libc.linkat(fdOf(fromDirectory), from, this.handle, encodeName(name), 0), 'linkat', name);
  }

  makeNode(name: ByteName, kind: NodeKind, mode: number, device: Device = { major: 0, minor: 0 }): void {
    const number = encodeDevice(device);
    if (number === undefined) throw failureOf('EINVAL', 'mknodat', this.handle, name);
    this.#check(libc.mknodat(this.handle, encodeName(name), NODE_TYPE[kind] | mode, number), 'mknodat', name);
  }

  remove(name: ByteName): void {
    this.#check(libc.unlinkat(this.handle, encodeName(name), 0), 'unlinkat', name);
  }

  removeDirectory(name: ByteName): void {
    this.#check(libc.unlinkat(this.handle, encodeName(name), flags.AT_REMOVEDIR), 'unlinkat', name);
  }

  rename(name: ByteName, toDirectory: Directory, toName: ByteName, how: RenameHow = 'replace'): void {
    const from = encodeName(name);
    const to = encodeSecondName(toName);
    const toFd = fdOf(toDirectory);
    if (how === 'replace') {
      this.#check(libc.renameat(this.handle, from, toFd, to), 'renameat', name);
      return;
    }
    const mode = how === 'noReplace' ? flags.RENAME_NOREPLACE : flags.RENAME_EXCHANGE;
    this.#check(libc.renameat2(flags.SYS_RENAMEAT2, this.handle, from, toFd, to, mode), 'renameat2', name);
  }

  setTimes(name: ByteName, mtime: Time, atime?: Time): void {
    if (name === SELF) return setFileTimes(this.handle, mtime, atime);
    const path = encodeName(name);
    this.#check(libc.utimensat(this.handle, path, encodeTimes(mtime, atime), flags.AT_SYMLINK_NOFOLLOW), 'utimensat', name);
  }

  setMode(name: ByteName, mode: number): void {
    if (name === SELF) return setFileMode(this.handle, mode);
    setModeNoFollow(this.handle, name, mode);
  }

  setOwner(name: ByteName, uid: number, gid: number): void {
    if (name === SELF) return setFileOwner(this.handle, uid, gid);
    checkOwner(uid, gid);
    this.#check(libc.fchownat(this.handle, encodeName(name), uid, gid, flags.AT_SYMLINK_NOFOLLOW), 'fchownat', name);
  }

  listXattrs(name: ByteName): ByteName[] {
    return pathXattrs.list(this.handle, name);
  }
  getXattr(name: ByteName, attribute: ByteName): Buffer | undefined {
    return pathXattrs.get(this.handle, name, attribute);
  }
  setXattr(name: ByteName, attribute: ByteName, value: Uint8Array): void {
    pathXattrs.set(this.handle, name, attribute, value);
  }
  removeXattr(name: ByteName, attribute: ByteName): void {
    pathXattrs.remove(this.handle, name, attribute);
  }

  sync(): void {
    uninterrupted('fsync', this.handle, undefined, () => libc.fsync(this.handle));
  }
  syncFileSystem(): void {
    uninterrupted('syncfs', this.handle, undefined, () => libc.syncfs(this.handle));
  }

  #check(result: number, syscall: string, name: ByteName): void {
    if (result < 0) throw failure(syscall, this.handle, name);
  }
}

function openAt(directory: number, path: Buffer, options: number, mode: number, name: ByteName): number {
  for (;;) {
    const fd = libc.openat(directory, path, options, mode);
    if (fd >= 0) return fd;
    if (!failedWith('EINTR')) throw failure('openat', directory, name);
  }
}

function fdOf(directory: Directory): number {
  if (directory instanceof LinuxDirectory) return directory.handle;
  throw new TypeError('directories of two implementations cannot take part in one call');
}

/** A device number as the kernel takes it, 12 bits of major and 20 of minor (include/linux/kdev_t.h, new_encode_dev). */
function encodeDevice({ major, minor }: Device): number | undefined {
  if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) return undefined;
  return (minor & 0xff) + major * 0x100 + (minor >> 8) * 0x100000;
}
