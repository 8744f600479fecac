import { fstatSync, writeSync } from 'node:fs';
import { hasErrno } from '../../base/errors.ts';

/** Nobody reads our standard output any more, as behind `| head`. It ends the command, and is no failure. */
export class ReaderGoneError extends Error {}

const BUFFER_CHARACTERS = 64 * 1024;
const RETRY_MS = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * A standard stream, written to synchronously: process.stdout takes milliseconds to load, and reports a closed pipe only when it is too late.
 * Text is gathered and written when it is enough, or at `flush`.
 */
export class Sink {
  readonly #fd: number;
  #text = '';
  #isTerminal: boolean | undefined;

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
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(this.#fd, bytes, done);
      } catch (error) {
        if (hasErrno(error, 'EPIPE')) return this.#readerGone();
        // Another process may have made the shared stream non-blocking, and its reader be slow.
        if (!hasErrno(error, 'EAGAIN')) throw error;
        Atomics.wait(pause, 0, 0, RETRY_MS);
      }
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
