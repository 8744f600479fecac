import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../sys/durable.ts';
import { LockFile } from '../sys/lock-file.ts';
import { DaemonRunningError } from './errors.ts';

/**
 * Whoever waits for a daemon to go takes its lock for a moment, and a daemon that stops has it until its very end: so a start that meets a lock looks again
 * for this long.
 */
const PATIENCE_MS = 500;

/** That this process is the one daemon of a home. The kernel's lock on `daemon.lock` says so, and ends with the process; the pid in it is for people alone. */
export class HomeLock {
  /** The folder that holds the lock, the socket and the log. */
  readonly stateDir: string;
  readonly #file: LockFile;

  private constructor(stateDir: string, file: LockFile) {
    this.stateDir = stateDir;
    this.#file = file;
  }

  /** Makes the folder where it is missing. Throws DaemonRunningError. */
  static async take(stateDir: string): Promise<HomeLock> {
    makeFolder(stateDir);
    const path = lockPath(stateDir);
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    let file: LockFile;
    try {
      file = await LockFile.wait(path, timeout);
    } catch (error) {
      if (error !== timeout.reason) throw error;
      throw new DaemonRunningError(readPid(path));
    }
    try {
      writeFileSync(path, `${process.pid}\n`);
    } catch (error) {
      file.release();
      throw error;
    }
    return new HomeLock(stateDir, file);
  }

  /** Resolves when no daemon has the home. Rejects with the reason of `signal`. */
  static async waitUntilFree(stateDir: string, signal: AbortSignal): Promise<void> {
    (await LockFile.wait(lockPath(stateDir), signal)).release();
  }

  /** Lets another daemon begin. The end of the process does the same. */
  release(): void {
    this.#file.release();
  }
}

function lockPath(stateDir: string): string {
  return join(stateDir, 'daemon.lock');
}

function readPid(path: string): number | undefined {
  const [, digits] = /^(\d{1,10})\n$/.exec(readFileSync(path, 'latin1')) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
