import type { SystemError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import type { PackedEntries } from './packed-entries.ts';
import type { Stat, Time } from './stat.ts';

export type { Time } from './stat.ts';

/** A part of an open file. */
export interface FileRange {
  readonly fd: number;
  readonly from: number;
  readonly lengthBytes: number;
}

/**
 * System calls behind plain functions: the only folder that knows koffi and platforms.
 *
 * Everything is synchronous, since it runs in worker threads whose one duty is to wait for the disk. A file is reached through
 * a `Directory`: names are single components, resolved beneath an open directory and never through a symbolic link, so no path
 * is resolved twice, depth is not bounded by PATH_MAX, and a directory that is swapped meanwhile leads nowhere else.
 *
 * Two implementations stand behind `System`: `linux` (libc through koffi) and `portable` (node:fs with paths). `capabilities`
 * says what an implementation cannot do; `system()` in system.ts chooses.
 *
 * Errors: SystemError with the symbolic errno, the call, and the legible path. A name that holds a slash or NUL, or is empty or
 * `..`, is refused with EINVAL; one above 255 bytes with ENAMETOOLONG. Interrupted calls (EINTR) are repeated.
 */
export interface System {
  readonly capabilities: Capabilities;

  /** Opens any path, following symbolic links: the door to a root that a user named. */
  openDirectory(path: ByteName): Directory;
  /** Whether a directory is of a file system that the kernel makes up, such as /proc: whoever reads files for what is in them has no business there. */
  isPseudoFileSystem(directory: Directory): boolean;
  /** The directory of a handle that another thread of this process opened. It is not closed with this object; its owner must outlive it. */
  directoryFromHandle(handle: DirectoryHandle): Directory;

  /** What is known of an open file, put into `into`. */
  statFile(fd: number, into: Stat): void;
  closeFile(fd: number): void;
  /** Reads into `bytes` (which may be a view of WebAssembly memory) from `position`, or from where the file stands. Returns the count; 0 at the end. */
  read(fd: number, bytes: Uint8Array, position?: number): number;
  /** Writes all of `bytes` at `position`, or where the file stands. */
  write(fd: number, bytes: Uint8Array, position?: number): void;
  truncate(fd: number, sizeBytes: number): void;
  /** Makes content and metadata durable. */
  syncFile(fd: number): void;
  /** Makes content durable, and of the metadata what is needed to read it. */
  syncData(fd: number): void;

  setFileTimes(fd: number, mtime: Time, atime?: Time): void;
  setFileMode(fd: number, mode: number): void;
  setFileOwner(fd: number, uid: number, gid: number): void;
  /** Sorted by name. Empty where the file system has none. */
  listFileXattrs(fd: number): ByteName[];
  getFileXattr(fd: number, name: ByteName): Buffer | undefined;
  setFileXattr(fd: number, name: ByteName, value: Uint8Array): void;
  removeFileXattr(fd: number, name: ByteName): void;

  /**
   * Offset of the first byte of data at or after `from`, undefined when there is none up to the end. Where holes cannot be seen, all is
   * data; space that was reserved and never written may be either. Like `nextHole`, this may move the position at which `read` without one
   * goes on.
   */
  nextData(fd: number, from: number): number | undefined;
  /** Offset of the first hole at or after `from`; the end of the file counts as one. `from` must lie before the end. */
  nextHole(fd: number, from: number): number;
  /** Frees a range inside the file, which then reads as zeros. False where that is not supported. */
  punchHole(fd: number, from: number, lengthBytes: number): boolean;
  /** Reserves space without changing the size. False where that is not supported; ENOSPC throws. */
  allocate(fd: number, from: number, lengthBytes: number): boolean;
  /** Makes all of `to` share the blocks of `from`. False where the file systems cannot. */
  cloneFile(from: number, to: number): boolean;
  /** The same for a range, whose offsets and length are multiples of the file system's block (the length may end at the end of `from`). */
  cloneRange(from: number, fromOffset: number, to: number, toOffset: number, lengthBytes: number): boolean;
  /** Copies inside the kernel where possible. Returns the count, less than asked only at the end of `from`. */
  copyRange(from: number, fromOffset: number, to: number, toOffset: number, lengthBytes: number): number;
  /** Hints; they never fail. `dontNeed` drops clean pages of the range from the page cache; a length of 0 reaches to the end. */
  adviseSequential(fd: number): void;
  adviseDontNeed(fd: number, from: number, lengthBytes: number): void;
  /** Begins to fetch ranges of some files, all at once, and does not wait for them: what lies one behind the other on a disk, in the order in which it is given, is asked for together. A hint as well. */
  fetchRanges(ranges: readonly FileRange[]): void;
  /** Whether a regular file is open, or mapped, besides this once; undefined where nobody can say: on other systems and some file systems, and of a file of another user. */
  isOpenElsewhere(fd: number): boolean | undefined;

  /** Takes the kernel's advisory lock of the open file, at once or not at all; a lock held is changed to `mode`. Dies with the process. */
  lock(fd: number, mode: LockMode): boolean;
  unlock(fd: number): void;

  /**
   * Lets all others go first from now on, at the processor and at the disk. It counts for the calling thread alone and cannot be taken back. False where a thread has no priority
   * of its own, or the kernel does not allow it.
   */
  lowerPriority(): boolean;

  /**
   * Gives the system back what this process does not need at the moment: memory that was freed and would be kept for later, and pages of the program that come back by themselves when they are
   * used. Takes some milliseconds; false where there was nothing, or no such thing.
   */
  giveMemoryBack(): boolean;

  /** How many files this process may have open, after raising the limit as far as its rights allow. */
  openFileLimit(): number;

  /** Names of users and groups and back, from the system's user database; cached. Undefined when unknown. */
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  userId(name: string): number | undefined;
  groupId(name: string): number | undefined;
  /** A user's number and primary group. */
  account(user: string): { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * An open directory. Names are single components; `.` is the directory itself wherever metadata is concerned.
 * No method follows a symbolic link.
 */
export interface Directory extends Disposable {
  /** What `System.directoryFromHandle` turns into this directory again in another thread. Valid until `close`. */
  readonly handle: DirectoryHandle;
  /** Idempotent. */
  close(): void;

  /** ENOTDIR or ELOOP when `name` is a symbolic link. */
  openDirectory(name: ByteName): Directory;
  /** The directory above, wherever it is now: the way back from depths that no path can name. */
  openParent(): Directory;
  /**
   * The directory at a relative path beneath this one. Refused are symbolic links on the way (ELOOP, ENOTDIR), `..` and absolute paths (EXDEV).
   * An empty path or `.` opens this directory once more.
   */
  resolve(path: ByteName): Directory;
  /** A file descriptor for the functions of `System`. `mode` counts for files that are made, less the umask. */
  openFile(name: ByteName, how: OpenHow, mode?: number): number;
  /**
   * All entries but `.` and `..`, in the order of the file system. `types[i]` is the kind of `names[i]` as a directory entry type: `mode >> 12`
   * of its stat (see `kindOfType`), never 0. The listing starts anew each time; two threads must not list one handle at once.
   */
  entries(): Entries;
  /**
   * Appends every entry but `.` and `..` to `into`, each with its stat, in the order of the file system. What vanishes meanwhile is left out. Of an entry
   * whose stat fails otherwise, the failure is handed to `onFailure`, and the rest goes on.
   */
  statEntries(into: PackedEntries, onFailure: (name: ByteName, error: SystemError) => void): void;
  /**
   * Opens one regular file of the directory after another, and shows it to `visit` with its stat and its name, which stands in `names` from `from` to `to`; all of it is valid until
   * that returns. It is closed then, unless `visit` has returned true, and so has taken it over. Returns the names of the directories. For whoever reads most files of a tree: to open a file and ask what it is takes hardly longer than to ask by name (measured: 3
   * and 2 µs). What cannot be opened is shown with -1 all the same; what cannot be asked, or makes `visit` throw a SystemError, is handed to `onFailure`, and the rest goes on.
   */
  openFiles(
    visit: (fd: number, stat: Stat, names: Uint8Array, from: number, to: number) => boolean,
    onFailure: (name: ByteName, error: SystemError) => void,
  ): ByteName[];
  /** Fills `into`; false when there is no such entry. */
  stat(name: ByteName, into: Stat): boolean;
  readLink(name: ByteName): ByteName;

  makeDirectory(name: ByteName, mode?: number): void;
  symlink(target: ByteName, name: ByteName): void;
  /** A hard link to the entry itself, also if that is a symbolic link. */
  link(fromDirectory: Directory, fromName: ByteName, name: ByteName): void;
  /** `mode` is made less the umask; `device` is for devices alone. */
  makeNode(name: ByteName, kind: NodeKind, mode: number, device?: Device): void;
  /** Removes anything but a directory. */
  remove(name: ByteName): void;
  /** Removes an empty directory. */
  removeDirectory(name: ByteName): void;
  /** `noReplace` fails with EEXIST when the new name is taken; `exchange` swaps the two. Both are atomic. */
  rename(name: ByteName, toDirectory: Directory, toName: ByteName, how?: RenameHow): void;

  /** Access time stays as it is when left out. */
  setTimes(name: ByteName, mtime: Time, atime?: Time): void;
  /** EOPNOTSUPP for a symbolic link, which has no mode of its own. */
  setMode(name: ByteName, mode: number): void;
  setOwner(name: ByteName, uid: number, gid: number): void;
  /** Sorted by name. Empty where the file system has none. */
  listXattrs(name: ByteName): ByteName[];
  /** Undefined when the entry has no such attribute. */
  getXattr(name: ByteName, attribute: ByteName): Buffer | undefined;
  setXattr(name: ByteName, attribute: ByteName, value: Uint8Array): void;
  removeXattr(name: ByteName, attribute: ByteName): void;

  /** Makes the names of this directory durable (fsync). */
  sync(): void;
  /** Makes everything of this file system durable: one wait in place of an fsync for each of many files. */
  syncFileSystem(): void;
}

/** A file descriptor, or where there is none, a path. It can be posted to another thread. */
export type DirectoryHandle = number | ByteName;

export interface Entries {
  readonly names: ByteName[];
  readonly types: Uint8Array;
}

export interface Device {
  readonly major: number;
  readonly minor: number;
}

export type NodeKind = 'fifo' | 'socket' | 'character' | 'block';

/**
 * - `read`: an existing file, leaving its access time alone where rights allow. Never waits, not even for a FIFO's writer.
 * - `write`, `readWrite`: an existing file, content kept.
 * - `createExclusive`: a new file for reading and writing; EEXIST when the name is taken, be it by a dangling symbolic link.
 * - `create`: for reading and writing, made when missing, content kept.
 * - `append`: for writing at the end, made when missing.
 */
export type OpenHow = 'read' | 'write' | 'readWrite' | 'createExclusive' | 'create' | 'append';

export type RenameHow = 'replace' | 'noReplace' | 'exchange';
export type LockMode = 'shared' | 'exclusive';

/** What an implementation can do here. Where one is false, the call throws EOPNOTSUPP unless its own description says otherwise. */
export interface Capabilities {
  readonly implementation: 'linux' | 'portable';
  /** Names are resolved by the kernel beneath an open directory; else by path, where a directory swapped meanwhile is noticed only by chance. */
  readonly beneath: boolean;
  /** Times are set to the nanosecond; else rounded to what a double of seconds can say. */
  readonly exactTimes: boolean;
  readonly xattrs: boolean;
  /** FIFOs, sockets and devices can be made. */
  readonly specialFiles: boolean;
  /** Holes can be seen; else every byte is data. */
  readonly holes: boolean;
  /** `noReplace` and `exchange` are atomic; else `noReplace` checks first and `exchange` throws. */
  readonly renameModes: boolean;
  /** All of a file system can be synced at once. */
  readonly syncFileSystem: boolean;
  /** Files can be locked against other processes. */
  readonly locks: boolean;
  /** Users and groups have names. */
  readonly accounts: boolean;
}
