import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrno } from '../../base/errors.ts';
import { LockFile } from '../../sys/lock-file.ts';
import { randomUuid } from '../../sys/random.ts';
import { system } from '../../sys/system.ts';

const SUFFIX = '.tmp';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LOCK = 'lock';
/** Where files cannot be locked: without koffi, and on some network file systems. */
const NO_LOCKS = ['EOPNOTSUPP', 'ENOTSUP', 'ENOLCK', 'ENOSYS', 'EINVAL'];

/**
 * A folder beside a file, for what takes its place when it is complete. A file in it is locked for as long as its process lives: so what a killed one has left is told from what a living one makes. What
 * is made itself is not locked, since over a network that would keep SQLite from writing it.
 */
export class TemporaryFolder implements Disposable {
  readonly path: string;
  readonly #lock: LockFile | undefined;

  private constructor(path: string, lock: LockFile | undefined) {
    this.path = path;
    this.#lock = lock;
  }

  /** Removes those of dead processes beside the same file. */
  static beside(file: string): TemporaryFolder {
    removeAbandoned(file);
    for (;;) {
      const path = `${file}.${randomUuid()}${SUFFIX}`;
      mkdirSync(path, { mode: 0o700 });
      const lock = lockIn(path);
      if (lock !== 'abandoned') return new TemporaryFolder(path, lock);
    }
  }

  [Symbol.dispose](): void {
    this.#lock?.release();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Undefined where there are no locks, and then there is no file for one either. `abandoned` where somebody took the folder for that before it was locked. */
function lockIn(folder: string): LockFile | 'abandoned' | undefined {
  const file = join(folder, LOCK);
  try {
    const lock = LockFile.try(file);
    if (lock !== undefined && existsSync(file)) return lock;
    lock?.release();
    return 'abandoned';
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 'abandoned';
    rmSync(file, { force: true });
    if (hasErrno(error, ...NO_LOCKS)) return undefined;
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function removeAbandoned(file: string): void {
  const prefix = `${basename(file)}.`;
  for (const name of namesIn(dirname(file)))
    if (name.startsWith(prefix) && name.endsWith(SUFFIX) && UUID.test(name.slice(prefix.length, -SUFFIX.length)))
      removeUnlessLocked(join(dirname(file), name));
}

/** Nothing where a folder may be written to and not be listed. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

/** What cannot be locked or removed is somebody else's concern. */
function removeUnlessLocked(folder: string): void {
  try {
    const { uid } = lstatSync(folder);
    if (uid !== (process.getuid?.() ?? uid)) return;
    const fd = openSync(join(folder, LOCK), constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    try {
      if (system().lock(fd, 'exclusive')) rmSync(folder, { recursive: true, force: true });
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
