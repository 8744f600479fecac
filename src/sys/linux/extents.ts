import { copyThroughMemory } from '../copy.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { Stat } from '../stat.ts';
import { read, statFile, write } from './files.ts';
import * as flags from './flags.ts';

/** What file systems answer that lack a call, or cannot do it between these two files. */
const UNSUPPORTED = ['EOPNOTSUPP', 'ENOSYS', 'ENOTTY', 'EXDEV', 'EINVAL'];
/** Space is bounded so that the largest count fits an int of the kernel. */
const MAX_COPY_BYTES = 0x4000_0000;

const stat = new Stat();
const range = Buffer.alloc(256);
const fromAt = Buffer.alloc(256);
const toAt = Buffer.alloc(256);

export function nextData(fd: number, from: number): number | undefined {
  const at = libc.lseek(fd, from, flags.SEEK_DATA);
  if (at >= 0) return at;
  if (failedWith('ENXIO')) return undefined;
  if (!failedWith(...UNSUPPORTED)) throw failure('lseek', fd);
  return from < sizeOf(fd) ? from : undefined;
}

export function nextHole(fd: number, from: number): number {
  const at = libc.lseek(fd, from, flags.SEEK_HOLE);
  if (at >= 0) return at;
  if (!failedWith(...UNSUPPORTED)) throw failure('lseek', fd);
  return sizeOf(fd);
}

export function punchHole(fd: number, from: number, lengthBytes: number): boolean {
  return supported('fallocate', fd, () => libc.fallocate(fd, flags.FALLOC_FL_PUNCH_HOLE | flags.FALLOC_FL_KEEP_SIZE, from, lengthBytes));
}

export function allocate(fd: number, from: number, lengthBytes: number): boolean {
  return supported('fallocate', fd, () => libc.fallocate(fd, flags.FALLOC_FL_KEEP_SIZE, from, lengthBytes));
}

export function cloneFile(from: number, to: number): boolean {
  return supported('ioctl FICLONE', to, () => libc.ioctl(to, flags.FICLONE, from));
}

export function cloneRange(from: number, fromOffset: number, to: number, toOffset: number, lengthBytes: number): boolean {
  // struct file_clone_range (include/uapi/linux/fs.h).
  for (const [index, value] of [from, fromOffset, lengthBytes, toOffset].entries()) range.writeBigInt64LE(BigInt(value), index * 8);
  return supported('ioctl FICLONERANGE', to, () => libc.ioctlWith(to, flags.FICLONERANGE, range));
}

export function copyRange(from: number, fromOffset: number, to: number, toOffset: number, lengthBytes: number): number {
  let done = 0;
  while (done < lengthBytes) {
    fromAt.writeBigInt64LE(BigInt(fromOffset + done), 0);
    toAt.writeBigInt64LE(BigInt(toOffset + done), 0);
    const count = libc.copy_file_range(from, fromAt, to, toAt, Math.min(lengthBytes - done, MAX_COPY_BYTES), 0);
    if (count === 0) break;
    if (count > 0) done += count;
    else if (failedWith(...UNSUPPORTED))
      return done + copyThroughMemory({ read, write }, from, fromOffset + done, to, toOffset + done, lengthBytes - done);
    else if (!failedWith('EINTR')) throw failure('copy_file_range', to);
  }
  return done;
}

export function adviseSequential(fd: number): void {
  libc.posix_fadvise(fd, 0, 0, flags.POSIX_FADV_SEQUENTIAL);
}

export function adviseDontNeed(fd: number, from: number, lengthBytes: number): void {
  libc.posix_fadvise(fd, from, lengthBytes, flags.POSIX_FADV_DONTNEED);
}

function sizeOf(fd: number): number {
  statFile(fd, stat);
  return stat.size;
}

function supported(syscall: string, fd: number, call: () => number): boolean {
  for (;;) {
    if (call() >= 0) return true;
    if (failedWith(...UNSUPPORTED)) return false;
    if (!failedWith('EINTR')) throw failure(syscall, fd);
  }
}
