import { constants } from 'node:fs';

/**
 * Numbers of the kernel's interface. Those that differ between x64 and arm64 come from node:fs; the others are the same on both
 * (include/uapi/linux: fcntl.h, stat.h, openat2.h, falloc.h, fs.h, asm-generic/unistd.h).
 */
export const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_APPEND, O_NONBLOCK, O_NOFOLLOW, O_DIRECTORY, O_NOATIME } = constants;
export const O_CLOEXEC = 0x80000;
export const O_PATH = 0x200000;

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;

/** All of struct stat, and the birth time. */
export const STATX_BASIC_AND_BIRTH = 0xfff;
/** The number of the mount, which no other one ever gets (Linux 6.8). */
export const STATX_MNT_ID_UNIQUE = 0x4000;

export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;

export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;

export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFSOCK = 0o140000;

export const UTIME_OMIT = 0x3ffffffe;

export const SEEK_SET = 0;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;

export const FICLONE = 0x40049409;
export const FICLONERANGE = 0x4020940d;

export const POSIX_FADV_SEQUENTIAL = 2;
export const POSIX_FADV_WILLNEED = 3;
export const POSIX_FADV_DONTNEED = 4;

export const RLIMIT_NOFILE = 7;

export const PRIO_PROCESS = 0;
/** `IOPRIO_WHO_PROCESS`, and the class `IOPRIO_CLASS_IDLE` as a priority (include/uapi/linux/ioprio.h). */
export const IOPRIO_WHO_PROCESS = 1;
export const IOPRIO_IDLE = 3 << 13;

export const SYS_IOPRIO_SET = process.arch === 'x64' ? 251 : 30;
export const SYS_RENAMEAT2 = process.arch === 'x64' ? 316 : 276;
export const SYS_OPENAT2 = 437;
export const SYS_FCHMODAT2 = 452;

/** madvise(2). */
export const MADV_WILLNEED = 3;
export const MADV_DONTNEED = 4;

/** mmap(2). */
export const PROT_NONE = 0;
export const PROT_READ = 1;
export const MAP_PRIVATE = 2;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;
