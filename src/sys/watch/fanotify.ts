import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { errnoName } from '../errno.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { lastErrno, libc } from '../posix/libc.ts';
import type { Directory } from '../types.ts';
import { descriptorOf } from './descriptor.ts';
import { WatchLimitError, WatchUnsupportedError } from './errors.ts';
import { EventList } from './event-list.ts';
import { decodeFanotify } from './fanotify-events.ts';
import { fileSystemOf, type HandleKey, keyOfDirectory, mountPoint, openByKey } from './file-handle.ts';
import { ATTRIB, CLOSE_WRITE, CREATE, DELETE, DELETE_SELF, MODIFY, MOVE_SELF, MOVED_FROM, MOVED_TO, ON_DIRECTORY } from './masks.ts';
import { KernelQueue } from './queue.ts';
import type { DirectoryKey, SharedKernelWatcher, WatchBatch, Watcher } from './types.ts';

/** Of fanotify_init(2): a queue of names in directories, which are given by file handle. */
const FAN_CLOEXEC = 0x1;
const FAN_NONBLOCK = 0x2;
const FAN_REPORT_DFID_NAME = 0xc00;
const NAMES_QUEUE = FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME;
/** For the privileged: a queue without end, and marks without number. */
const FAN_UNLIMITED = 0x10 | 0x20;

/** Of fanotify_mark(2). */
const FAN_MARK_ADD = 0x1;
const FAN_MARK_REMOVE = 0x2;
const FAN_MARK_ONLYDIR = 0x8;
const FAN_MARK_FILESYSTEM = 0x100;

const FAN_EVENT_ON_CHILD = 0x0800_0000;
const FAN_RENAME = 0x1000_0000;
const WATCHED = CREATE | DELETE | DELETE_SELF | MOVE_SELF | MODIFY | CLOSE_WRITE | ATTRIB | ON_DIRECTORY;
const HALF_RENAMES = MOVED_FROM | MOVED_TO;

const TOO_OLD = 'this kernel is too old (names come with Linux 5.9)';
const NO_HANDLES = 'the file system has no file handles that lead back to its files';
const PRIVILEGED = 'whole file systems are watched by the privileged alone (CAP_SYS_ADMIN)';

const NO_OPENING = 'directories can be opened by their handles by the privileged alone (CAP_DAC_READ_SEARCH)';

/** Why there is no queue, and why a file system cannot be marked, by the errors of fanotify_init(2) and fanotify_mark(2). */
const NO_QUEUE: Record<string, string> = {
  EINVAL: TOO_OLD,
  ENOSYS: 'this kernel was built without it',
  EPERM: 'only the privileged may use it here (before Linux 5.13, or by a filter of system calls)',
};
const NO_MARK: Record<string, string> = {
  EINVAL: TOO_OLD,
  ENODEV: 'the file system has no id of its own, as those in user space (FUSE)',
  EOPNOTSUPP: NO_HANDLES,
  EPERM: PRIVILEGED,
  EXDEV: 'the directory is in a subvolume, whose events would bear another id',
};

export type FanotifyKind = 'fanotify' | 'fanotify-marks';

/**
 * A queue of fanotify(7) that marks whole file systems, or single directories. Its keys are file handles, so they stand for directories whether these
 * are marked or not.
 */
export class FanotifyWatcher implements Watcher {
  readonly kind: FanotifyKind;
  readonly keysFollowMoves = true;
  readonly tellsOfLoss = true;
  readonly #queue: KernelQueue;
  /** A path into each file system of which something was marked: where its directories are opened from. */
  readonly #anchors = new Map<string, ByteName>();
  /** Linux before 5.17 tells of a rename as of two names. */
  #renames = FAN_RENAME;

  private constructor(kind: FanotifyKind, queue: KernelQueue) {
    this.kind = kind;
    this.#queue = queue;
  }

  static open(kind: FanotifyKind): FanotifyWatcher {
    return new FanotifyWatcher(
      kind,
      KernelQueue.own(() => openQueue(kind)),
    );
  }

  static fromShared(kind: FanotifyKind, { descriptors }: SharedKernelWatcher): FanotifyWatcher {
    return new FanotifyWatcher(kind, KernelQueue.borrow(descriptors));
  }

  get marksDirectories(): boolean {
    return this.kind === 'fanotify-marks';
  }

  mark(directory: Directory): DirectoryKey {
    const fd = descriptorOf(directory);
    const known = keyOfDirectory(fd);
    if (known === undefined) throw new WatchUnsupportedError(this.kind, NO_HANDLES);
    this.#addMark(fd);
    if (this.#remember(known) && !this.marksDirectories && !this.#mayOpen(known.key))
      throw new WatchUnsupportedError(this.kind, NO_OPENING);
    return known.key;
  }

  unmark(key: DirectoryKey, directory?: Directory): boolean {
    if (directory !== undefined) {
      this.#removeMark(descriptorOf(directory));
      return true;
    }
    const found = this.#find(key);
    if (typeof found === 'string') return found === 'gone';
    using opened = found;
    this.#removeMark(opened.handle);
    return true;
  }

  keyOf(directory: Directory): DirectoryKey | undefined {
    return keyOfDirectory(descriptorOf(directory))?.key;
  }

  open(key: DirectoryKey): Directory | undefined {
    const found = this.#find(key);
    return typeof found === 'string' ? undefined : found;
  }

  read(timeoutMs?: number, gatherMs = 0): WatchBatch {
    const { bytes, mountsChanged } = this.#queue.take(timeoutMs, gatherMs);
    const list = new EventList();
    decodeFanotify(bytes, list);
    const batch = list.batch(mountsChanged);
    // The mark of a file system outlives all of its directories.
    return this.marksDirectories ? batch : { ...batch, lost: [] };
  }

  wake(): void {
    this.#queue.wake();
  }

  share(): SharedKernelWatcher {
    return { kind: this.kind, descriptors: this.#queue.descriptors };
  }

  close(): void {
    this.#queue.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  #find(key: DirectoryKey): ReturnType<typeof openByKey> {
    const anchor = this.#anchors.get(fileSystemOf(key));
    if (anchor === undefined) return 'elsewhere';
    const found = openByKey(key, anchor);
    // Unmounted, or mounted elsewhere: the next mark will say.
    if (found === 'elsewhere') this.#anchors.delete(fileSystemOf(key));
    return found;
  }

  /** Whoever marks no directories has to find them by their keys. */
  #mayOpen(key: DirectoryKey): boolean {
    const found = this.#find(key);
    if (typeof found !== 'string') found.close();
    return found !== 'forbidden';
  }

  /** Returns whether it is the first of its file system. */
  #remember({ key, mount }: HandleKey): boolean {
    if (this.#anchors.has(fileSystemOf(key))) return false;
    const path = mountPoint(mount);
    if (path !== undefined) this.#anchors.set(fileSystemOf(key), path);
    return true;
  }

  #addMark(fd: number): void {
    if (this.#change(FAN_MARK_ADD, fd) < 0) throw this.#markError(failure('fanotify_mark', fd));
  }

  /** ENOENT: there is no such mark. */
  #removeMark(fd: number): void {
    if (this.#change(FAN_MARK_REMOVE, fd) < 0 && !failedWith('ENOENT')) throw failure('fanotify_mark', fd);
  }

  #change(operation: number, fd: number): number {
    const result = this.#changeWith(this.#renames, operation, fd);
    if (result === 0 || this.#renames === HALF_RENAMES || !failedWith('EINVAL')) return result;
    const older = this.#changeWith(HALF_RENAMES, operation, fd);
    if (older === 0) this.#renames = HALF_RENAMES;
    return older;
  }

  /** Without a path, the open directory itself is meant. */
  #changeWith(renames: number, operation: number, fd: number): number {
    const flags = operation | (this.marksDirectories ? FAN_MARK_ONLYDIR : FAN_MARK_FILESYSTEM);
    const mask = WATCHED | renames | (this.marksDirectories ? FAN_EVENT_ON_CHILD : 0);
    return libc.fanotify_mark(this.#queue.fd, flags, mask, fd, null);
  }

  #markError(error: SystemError): Error {
    if (error.errno === 'ENOSPC') return new WatchLimitError('fs.fanotify.max_user_marks', error);
    const reason = NO_MARK[error.errno];
    return reason === undefined ? error : new WatchUnsupportedError(this.kind, reason, error);
  }
}

function openQueue(kind: FanotifyKind): number {
  const unlimited = libc.fanotify_init(NAMES_QUEUE | FAN_UNLIMITED, 0);
  if (unlimited >= 0) return unlimited;
  const mayDoWithLess = kind === 'fanotify-marks' && failedWith('EPERM');
  const limited = mayDoWithLess ? libc.fanotify_init(NAMES_QUEUE, 0) : unlimited;
  if (limited >= 0) return limited;
  const error = new SystemError(errnoName(lastErrno()), 'fanotify_init');
  if (error.errno === 'EMFILE') throw new WatchLimitError('fs.fanotify.max_user_groups', error);
  const reason = kind === 'fanotify' && error.errno === 'EPERM' ? PRIVILEGED : NO_QUEUE[error.errno];
  throw reason === undefined ? error : new WatchUnsupportedError(kind, reason, error);
}
