import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { SystemError } from '../../base/errors.ts';
import { errnoName, fromNodeError } from '../errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../linux/flags.ts';
import { failure, failureOf } from '../posix/failure.ts';
import { lastErrno, libc } from '../posix/libc.ts';

/** As much as is read at once: what bounds a batch. Some 300 renames of the longest names, at most 16 384 of inotify's shortest events. */
const READ_BYTES = 256 * 1024;
/** A rename in fanotify: metadata, and two places of a key and a name of 255 bytes, with their heads. */
const LONGEST_EVENT_BYTES = 24 + 2 * (4 + 16 + 128 + 256);

/** `struct pollfd` of poll(2): descriptor, what is waited for, what there is. */
const POLLFD_BYTES = 8;
const EVENTS = 4;
const RETURNED = 6;
const POLLIN = 1;
const POLLPRI = 2;
const POLLERR = 8;
const POLLNVAL = 32;
/** The longest wait of one poll(2), in ms: a thread that waits in the kernel cannot be ended before it comes back, nor can one that has started it, nor the process. */
const MAX_POLL_MS = 1000;

/** In what order is polled, and how many of it. */
const ALARM = 0;
const QUEUE = 1;
const MOUNTS = 2;
const ONLY_ALARM = 1;
const ALL = 3;

/** What eventfd(2) is told, and tells. */
const ALARM_BYTES = 8;
const alarms = Buffer.alloc(256);

const NOTHING = Buffer.alloc(0);

/** What one wait brought. `bytes` are whole events, valid until the next wait; empty when something else ended it. */
export interface Arrival {
  readonly bytes: Buffer;
  readonly mountsChanged: boolean;
}

/**
 * A queue of the kernel (inotify, fanotify), a descriptor that wakes its reader (eventfd(2)), and the table of mounts, whose changes poll(2) tells of
 * (proc_pid_mountinfo(5)), since some marks vanish with a mount and nothing else says so.
 */
export class KernelQueue {
  readonly fd: number;
  readonly #alarm: number;
  readonly #mounts: number;
  readonly #isOwned: boolean;
  readonly #polled = Buffer.alloc(256);
  #room: Buffer | undefined;
  #isOpen = true;
  #isBehind = false;

  private constructor(fd: number, alarm: number, mounts: number, isOwned: boolean) {
    this.fd = fd;
    this.#alarm = alarm;
    this.#mounts = mounts;
    this.#isOwned = isOwned;
    const awaited = [
      [alarm, POLLIN],
      [fd, POLLIN],
      [mounts, POLLPRI],
    ] as const;
    for (const [i, [descriptor, events]] of awaited.entries()) {
      this.#polled.writeInt32LE(descriptor, i * POLLFD_BYTES);
      this.#polled.writeInt16LE(events, i * POLLFD_BYTES + EVENTS);
    }
  }

  /**
   * Opens a queue that reads without waiting, and closes it in the end. It is opened last: that there are too many open files is known before, so
   * that EMFILE from `open` means too many queues.
   */
  static own(open: () => number): KernelQueue {
    const mounts = openMounts();
    const alarm = libc.eventfd(0, O_CLOEXEC | O_NONBLOCK);
    try {
      if (alarm < 0) throw new SystemError(errnoName(lastErrno()), 'eventfd');
      return new KernelQueue(open(), alarm, mounts, true);
    } catch (error) {
      closeSync(mounts);
      if (alarm >= 0) libc.close(alarm);
      throw error;
    }
  }

  /** The queue that another thread shares with `descriptors`. */
  static borrow([fd, alarm]: readonly number[]): KernelQueue {
    if (fd === undefined || alarm === undefined) throw new TypeError('a queue has two descriptors');
    return new KernelQueue(fd, alarm, openMounts(), false);
  }

  get descriptors(): readonly number[] {
    return [this.fd, this.#alarm];
  }

  wake(): void {
    if (!this.#isOpen) return;
    alarms.writeBigUInt64LE(1n, 0);
    // Fails only when it was woken 2^64 times before.
    libc.write(this.#alarm, alarms, ALARM_BYTES);
  }

  /**
   * Waits for events, the alarm, a change of the mounts, or the end of the time, and takes what there is then. Where it is events, it waits
   * `gatherMs` for more, unless the alarm is raised or there was more the last time than could be taken.
   */
  take(timeoutMs: number | undefined, gatherMs: number): Arrival {
    if (!this.#isOpen) throw new Error('the watcher is closed');
    this.#poll(ALL, timeoutMs);
    const mountsChanged = (this.#returned(MOUNTS) & (POLLPRI | POLLERR)) !== 0;
    const hasEvents = this.#returned(QUEUE) !== 0;
    if (hasEvents && gatherMs > 0 && !this.#isBehind && this.#returned(ALARM) === 0) this.#poll(ONLY_ALARM, gatherMs);
    if (this.#returned(ALARM) !== 0) libc.read(this.#alarm, alarms, ALARM_BYTES);
    return { bytes: hasEvents ? this.#read() : NOTHING, mountsChanged };
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#mounts);
    if (!this.#isOwned) return;
    libc.close(this.fd);
    libc.close(this.#alarm);
  }

  /** Waits for the first `count` of what is polled. */
  #poll(count: number, timeoutMs: number | undefined): void {
    const until = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    for (;;) {
      const left = Math.max(0, Math.ceil(until - performance.now()));
      const ready = libc.poll(this.#polled, count, Math.min(left, MAX_POLL_MS));
      if (ready > 0 || (ready === 0 && left <= MAX_POLL_MS)) break;
      if (ready < 0 && lastErrno() !== constants.errno.EINTR) throw failure('poll', this.fd);
    }
    if ((this.#returned(QUEUE) & POLLNVAL) !== 0) throw failureOf('EBADF', 'poll', this.fd);
  }

  #returned(index: number): number {
    return this.#polled.readInt16LE(index * POLLFD_BYTES + RETURNED);
  }

  #read(): Buffer {
    this.#room ??= Buffer.alloc(READ_BYTES);
    for (;;) {
      const count = libc.read(this.fd, this.#room, this.#room.length);
      if (count >= 0) {
        this.#isBehind = count > READ_BYTES - LONGEST_EVENT_BYTES;
        return this.#room.subarray(0, count);
      }
      if (lastErrno() === constants.errno.EAGAIN) return this.#room.subarray(0, 0);
      if (lastErrno() !== constants.errno.EINTR) throw failure('read', this.fd);
    }
  }
}

function openMounts(): number {
  try {
    return openSync('/proc/self/mountinfo', 'r');
  } catch (error) {
    throw fromNodeError(error, '/proc/self/mountinfo');
  }
}
