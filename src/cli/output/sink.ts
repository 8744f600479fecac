import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { hasErrno } from '../../base/errors.ts';
import { Spool } from './spool.ts';

/** Nobody reads our standard output any more, as behind `| head`. It ends the command, and is no failure. */
export class ReaderGoneError extends Error {}

const BUFFER_CHARACTERS = 64 * 1024;
const RETRY_MS = 2;
/** So long, in all, a reader is waited for by whoever holds up others (`withoutWaiting`). */
const PATIENCE_MS = 2000;
const pause = new Int32Array(new SharedArrayBuffer(4));

interface Impatience {
  /** The stream, such that writing to it never waits. */
  readonly fd: number;
  /** How long its reader will still be waited for. */
  leftMs: number;
  /** What it has not taken since. */
  spool: Spool | undefined;
}

/**
 * A standard stream, written to synchronously: process.stdout takes milliseconds to load, and reports a closed pipe only when it is too late.
 * Text is gathered and written when it is enough, or at `flush`.
 */
export class Sink {
  readonly #fd: number;
  #text = '';
  #isTerminal: boolean | undefined;
  /** While nobody may be held up. */
  #impatience: Impatience | undefined;

  constructor(fd: 1 | 2) {
    this.#fd = fd;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= BUFFER_CHARACTERS) this.flush();
  }

  /** Throws ReaderGoneError. */
  flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.writeBytes(bytes);
  }

  /** Bytes as they are, behind all that was gathered. Throws ReaderGoneError. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    const left = bytes.subarray(this.#write(bytes));
    if (left.length > 0) this.#putAside(left);
  }

  /**
   * Does what holds up others for as long as it takes, and so must not wait for who reads slowly, as a pager does: what has not been taken after two seconds of waiting in all is put into a
   * file, and given to the reader when `work` is done, however it ended. Of streams whose reader the kernel does not wait for on request, writing waits as ever.
   */
  withoutWaiting<T>(work: () => T): T {
    const fd = this.#impatience === undefined ? openWithoutWaiting(this.#fd) : undefined;
    if (fd === undefined) return work();
    this.#impatience = { fd, leftMs: PATIENCE_MS, spool: undefined };
    try {
      return work();
    } finally {
      this.#deliver();
    }
  }

  /** Returns how many bytes were written: all of them, unless nobody may be held up any longer. */
  #write(bytes: Uint8Array): number {
    const impatience = this.#impatience;
    let done = 0;
    while (done < bytes.length && impatience?.spool === undefined) {
      try {
        done += writeSync(impatience?.fd ?? this.#fd, bytes, done);
      } catch (error) {
        if (hasErrno(error, 'EPIPE')) {
          this.#readerGone();
          return bytes.length;
        }
        // The stream does not wait: for us, or since another process has made it so.
        if (!hasErrno(error, 'EAGAIN')) throw error;
        if (impatience !== undefined && impatience.leftMs <= 0) break;
        Atomics.wait(pause, 0, 0, RETRY_MS);
        if (impatience !== undefined) impatience.leftMs -= RETRY_MS;
      }
    }
    return done;
  }

  #putAside(bytes: Uint8Array): void {
    const impatience = this.#impatience as Impatience;
    try {
      impatience.spool ??= new Spool();
      impatience.spool.append(bytes);
    } catch {
      // There is no room for it: so it takes as long as the reader does.
      this.#deliver();
      this.writeBytes(bytes);
    }
  }

  /** From now on the reader is waited for. */
  #deliver(): void {
    const impatience = this.#impatience;
    this.#impatience = undefined;
    if (impatience === undefined) return;
    closeSync(impatience.fd);
    try {
      for (const piece of impatience.spool?.pieces() ?? []) this.#write(piece);
    } finally {
      impatience.spool?.close();
    }
  }

  /** Without a reader of its messages a command goes on; without one of its results there is no use in it. */
  #readerGone(): void {
    if (this.#fd === 1) throw new ReaderGoneError();
  }

  /** Whether a person is looking. */
  get isTerminal(): boolean {
    this.#isTerminal ??= isTerminal(this.#fd);
    return this.#isTerminal;
  }
}

/** Major numbers of Linux's devices (Documentation/admin-guide/devices.txt): memory, as /dev/null, and terminals, virtual, controlling, and of pseudo-terminals. */
const MEMORY = 1;
const isTerminalMajor = (major: number): boolean => major === 4 || major === 5 || (major >= 136 && major <= 143);

/** Told from its device where that says enough: node:tty takes five milliseconds to load, with the sockets and streams that it brings. */
function isTerminal(fd: number): boolean {
  const device = characterDevice(fd);
  if (device === undefined) return false;
  if (process.platform === 'linux') {
    const major = (device >>> 8) & 0xfff;
    if (major === MEMORY) return false;
    if (isTerminalMajor(major)) return true;
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}

/** The number of the character device that a descriptor is; undefined when it is something else, or closed. */
function characterDevice(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() ? stat.rdev : undefined;
  } catch (error) {
    if (hasErrno(error, 'EBADF')) return undefined;
    throw error;
  }
}

/** The pipe or terminal of a descriptor once more, so that writing to it never waits, while it does for all others who share the descriptor; undefined of files, and where there is no such thing. Linux alone. */
function openWithoutWaiting(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    if (process.platform !== 'linux' || !(stat.isFIFO() || stat.isCharacterDevice())) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
