import { constants } from 'node:os';
import { checkOwner } from '../owner-number.ts';
import { failure } from '../posix/failure.ts';
import { lastErrno, libc } from '../posix/libc.ts';
import { encodeString } from '../posix/memory.ts';
import { uninterrupted } from '../posix/retry.ts';
import type { Stat } from '../stat.ts';
import type { Time } from '../types.ts';
import { AT_EMPTY_PATH, STATX_BASIC_AND_BIRTH } from './flags.ts';
import { encodeTimes } from './times.ts';

const NOTHING = encodeString('' as Parameters<typeof encodeString>[0]);

export function statFile(fd: number, into: Stat): void {
  if (libc.statx(fd, NOTHING, AT_EMPTY_PATH, STATX_BASIC_AND_BIRTH, into.bytes) < 0) throw failure('statx', fd);
}

/** After a failed close(2) the descriptor is gone all the same; what it may have lost, a sync would have told. */
export function closeFile(fd: number): void {
  if (libc.close(fd) < 0 && lastErrno() === constants.errno.EBADF) throw failure('close', fd);
}

export function read(fd: number, bytes: Uint8Array, position?: number): number {
  for (;;) {
    const count = position === undefined ? libc.read(fd, bytes, bytes.length) : libc.pread(fd, bytes, bytes.length, position);
    if (count >= 0) return count;
    if (lastErrno() !== constants.errno.EINTR) throw failure('read', fd);
  }
}

export function write(fd: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    const count = position === undefined ? libc.write(fd, rest, rest.length) : libc.pwrite(fd, rest, rest.length, position + done);
    if (count >= 0) done += count;
    else if (lastErrno() !== constants.errno.EINTR) throw failure('write', fd);
  }
}

export function truncate(fd: number, sizeBytes: number): void {
  uninterrupted('ftruncate', fd, undefined, () => libc.ftruncate(fd, sizeBytes));
}

export function syncFile(fd: number): void {
  uninterrupted('fsync', fd, undefined, () => libc.fsync(fd));
}

export function syncData(fd: number): void {
  uninterrupted('fdatasync', fd, undefined, () => libc.fdatasync(fd));
}

export function setFileTimes(fd: number, mtime: Time, atime?: Time): void {
  if (libc.futimens(fd, encodeTimes(mtime, atime)) < 0) throw failure('futimens', fd);
}

export function setFileMode(fd: number, mode: number): void {
  if (libc.fchmod(fd, mode) < 0) throw failure('fchmod', fd);
}

export function setFileOwner(fd: number, uid: number, gid: number): void {
  checkOwner(uid, gid);
  if (libc.fchown(fd, uid, gid) < 0) throw failure('fchown', fd);
}
