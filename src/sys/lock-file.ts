import fs from 'node:fs';
import { lockWait } from './lock-wait.ts';
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

  /** Waits for the lock. */
  static async wait(path: string, signal?: AbortSignal): Promise<LockFile> {
    const fd = fs.openSync(path, 'a', 0o600);
    try {
      await lockWait(system(), fd, 'exclusive', signal);
      return new LockFile(fd);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  release(): void {
    fs.closeSync(this.#fd);
  }
}
