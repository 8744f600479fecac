import { SystemError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { errnoName } from '../errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../linux/flags.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { lastErrno, libc } from '../posix/libc.ts';
import { encodeString } from '../posix/memory.ts';
import type { Directory } from '../types.ts';
import { descriptorOf } from './descriptor.ts';
import { WatchLimitError, WatchUnsupportedError } from './errors.ts';
import { EventList } from './event-list.ts';
import { decodeInotify, keyOfWatch } from './inotify-events.ts';
import { ATTRIB, CLOSE_WRITE, CREATE, DELETE, DELETE_SELF, MODIFY, MOVE_SELF, MOVED_FROM, MOVED_TO } from './masks.ts';
import { KernelQueue } from './queue.ts';
import type { DirectoryKey, SharedKernelWatcher, WatchBatch, Watcher } from './types.ts';

const IN_ONLYDIR = 0x0100_0000;
/** No events of files that have no name here any more. */
const IN_EXCL_UNLINK = 0x0400_0000;
const NAMES = CREATE | DELETE | MOVED_FROM | MOVED_TO | DELETE_SELF | MOVE_SELF;
const WATCHED = NAMES | MODIFY | CLOSE_WRITE | ATTRIB | IN_ONLYDIR | IN_EXCL_UNLINK;

/** A queue of inotify(7). Its keys are watch numbers, which are not used again before 2^31 others were. */
export class InotifyWatcher implements Watcher {
  readonly kind = 'inotify';
  readonly marksDirectories = true;
  readonly keysFollowMoves = true;
  readonly tellsOfLoss = true;
  readonly #queue: KernelQueue;

  private constructor(queue: KernelQueue) {
    this.#queue = queue;
  }

  static open(): InotifyWatcher {
    return new InotifyWatcher(KernelQueue.own(openQueue));
  }

  static fromShared({ descriptors }: SharedKernelWatcher): InotifyWatcher {
    return new InotifyWatcher(KernelQueue.borrow(descriptors));
  }

  /** By the link in /proc, which leads to the very directory that is open, whatever stands at its path by now. */
  mark(directory: Directory): DirectoryKey {
    const fd = descriptorOf(directory);
    const watch = libc.inotify_add_watch(this.#queue.fd, encodeString(`/proc/self/fd/${fd}` as ByteName), WATCHED);
    if (watch >= 0) return keyOfWatch(watch);
    const error = failure('inotify_add_watch', fd);
    if (error.errno === 'ENOSPC') throw new WatchLimitError('fs.inotify.max_user_watches', error);
    throw error;
  }

  unmark(key: DirectoryKey): boolean {
    if (libc.inotify_rm_watch(this.#queue.fd, Number(key)) === 0) return true;
    // The watch is gone already.
    if (failedWith('EINVAL')) return true;
    throw failure('inotify_rm_watch', this.#queue.fd);
  }

  keyOf(): undefined {
    return undefined;
  }

  open(): undefined {
    return undefined;
  }

  read(timeoutMs?: number, gatherMs = 0): WatchBatch {
    const { bytes, mountsChanged } = this.#queue.take(timeoutMs, gatherMs);
    const list = new EventList();
    decodeInotify(bytes, list);
    return list.batch(mountsChanged);
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
}

function openQueue(): number {
  const fd = libc.inotify_init1(O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0) return fd;
  const error = new SystemError(errnoName(lastErrno()), 'inotify_init1');
  if (error.errno === 'EMFILE') throw new WatchLimitError('fs.inotify.max_user_instances', error);
  if (error.errno === 'ENOSYS') throw new WatchUnsupportedError('inotify', 'this kernel was built without it', error);
  throw error;
}
