import { keptIf } from '../../base/kept-if.ts';
import type { ByteName } from '../../base/names.ts';
import { LinuxDirectory, openLinuxDirectory } from '../linux/directory.ts';
import { statFile } from '../linux/files.ts';
import { AT_EMPTY_PATH, O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from '../linux/flags.ts';
import { readMounts } from '../mounts.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { encodeString } from '../posix/memory.ts';
import { Stat } from '../stat.ts';
import type { DirectoryKey } from './types.ts';

/**
 * Directories by file handle: what the kernel names an inode by, whatever its path is (open_by_handle_at(2)). A key is the id of the file system
 * (`f_fsid` of statfs(2), 8 bytes) and `struct file_handle`, byte for byte as they stand in fanotify's events.
 */
const FSID_BYTES = 8;
/** Of `f_fsid` in `struct statfs`, on 64-bit systems. */
const FSID_OFFSET = 56;
/** `struct file_handle`: length and type, then at most MAX_HANDLE_SZ bytes. */
const HANDLE_HEAD_BYTES = 8;
const MAX_HANDLE_BYTES = 128;
/** Of name_to_handle_at(2), Linux 6.5: an identity is wanted that need not lead back to the file; overlayfs has no other. */
const AT_HANDLE_FID = 0x200;
const OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

const statfs = Buffer.alloc(256);
const handle = Buffer.alloc(256);
const mountId = Buffer.alloc(256);
const stat = new Stat();
const NOTHING = encodeString('' as ByteName);

export interface HandleKey {
  readonly key: DirectoryKey;
  /** Number of the mount through which the directory was opened, as in /proc/self/mountinfo. */
  readonly mount: number;
}

/** The key of an open directory; undefined where the file system has no handles. */
export function keyOfDirectory(fd: number): HandleKey | undefined {
  if (!readHandle(fd, AT_EMPTY_PATH) && !readHandle(fd, AT_EMPTY_PATH | AT_HANDLE_FID)) return undefined;
  const key = readFsid(fd) + handle.toString('latin1', 0, HANDLE_HEAD_BYTES + handle.readUInt32LE(0));
  return { key: key as DirectoryKey, mount: mountId.readInt32LE(0) };
}

/** The part of a key that all directories of a file system share. */
export function fileSystemOf(key: DirectoryKey): string {
  return key.slice(0, FSID_BYTES);
}

/** Where a mount is, by its number; undefined when it is gone. Mount points are not renamed, so this stays true longer than a directory's path. */
export function mountPoint(mount: number): ByteName | undefined {
  return readMounts()?.find(({ id }) => id === mount)?.path;
}

/** What `openByKey` may find besides a directory: that it is gone, that we have no right to, or that its file system is not at that path. */
export type NotOpened = 'gone' | 'forbidden' | 'elsewhere';

/** The directory of a key, looked for in the file system that `anchor`, a path, leads to. */
export function openByKey(key: DirectoryKey, anchor: ByteName): LinuxDirectory | NotOpened {
  using mount = openAnchor(anchor);
  if (mount === undefined || readFsid(mount.handle) !== fileSystemOf(key)) return 'elsewhere';
  handle.write(key.slice(FSID_BYTES), 'latin1');
  const fd = libc.open_by_handle_at(mount.handle, handle, OPEN_DIRECTORY);
  if (fd < 0) {
    // A directory that is being removed cannot be connected with the one above it: ENOMEM (fs/exportfs/expfs.c, reconnect_path).
    if (failedWith('ESTALE', 'ENOENT', 'ENOMEM')) return 'gone';
    if (failedWith('EPERM', 'EACCES', 'EOPNOTSUPP')) return 'forbidden';
    throw failure('open_by_handle_at', mount.handle);
  }
  const directory = keptIf(new LinuxDirectory(fd, true), () => {
    statFile(fd, stat);
    return stat.nlink > 0;
  });
  // Deleted, and only held open by somebody.
  return directory ?? 'gone';
}

function openAnchor(path: ByteName): LinuxDirectory | undefined {
  try {
    return openLinuxDirectory(path);
  } catch {
    return undefined;
  }
}

function readHandle(fd: number, flags: number): boolean {
  handle.writeUInt32LE(MAX_HANDLE_BYTES, 0);
  if (libc.name_to_handle_at(fd, NOTHING, handle, mountId, flags) === 0) return true;
  // EINVAL is of kernels that do not know AT_HANDLE_FID.
  if (failedWith('EOPNOTSUPP', 'EOVERFLOW', 'EINVAL')) return false;
  throw failure('name_to_handle_at', fd);
}

function readFsid(fd: number): string {
  if (libc.fstatfs(fd, statfs) < 0) throw failure('fstatfs', fd);
  return statfs.toString('latin1', FSID_OFFSET, FSID_OFFSET + FSID_BYTES);
}
