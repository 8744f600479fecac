import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { system } from './system.ts';

/** A file that is only there to be locked. The lock is the kernel's and dies with the process; the file stays. */
export class LockFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** The lock, or undefined when somebody else has it. */
  static try(path: string): LockFile | undefined {
    const fd = fs.openSync(path, 'a', 0o600);
    try {
      if (system().lock(fd, 'exclusive')) return new LockFile(fd);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
    fs.closeSync(fd);
    return undefined;
  }

  /** Waits for the lock, asking again at growing intervals of at most 50 ms. */
  static async wait(path: string, signal?: AbortSignal): Promise<LockFile> {
    for (let pauseMs = 1; ; pauseMs = Math.min(50, pauseMs * 2)) {
      const lock = LockFile.try(path);
      if (lock !== undefined) return lock;
      await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  release(): void {
    fs.closeSync(this.#fd);
  }
}
