/**
 * The root of every error that Varve raises on purpose.
 *
 * A subclass exists only where a caller catches that condition; `code` is stable and part of the public contract.
 * `advice` is one sentence that tells the user what to do; the command line prints it below the message.
 * Anything thrown that is not a VarveError is a bug, and carries its stack to the user under `--debug`.
 */
export class VarveError extends Error {
  readonly code: string;
  readonly advice: string | undefined;

  constructor(code: string, message: string, options?: { advice?: string; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.advice = options?.advice;
  }
}

/** The caller asked for something that cannot be meant: a bad option, a bad reference. Exit status 2. */
export class UsageError extends VarveError {
  constructor(message: string, advice?: string) {
    super('USAGE', message, advice === undefined ? undefined : { advice });
  }
}

/** Bytes do not follow the format they claim. `what` names the structure, `at` the offset where reading stopped. */
export class FormatError extends VarveError {
  readonly what: string;
  readonly at: number | undefined;

  constructor(what: string, problem: string, at?: number) {
    super('FORMAT', `${what}: ${problem}${at === undefined ? '' : ` (at byte ${at})`}`);
    this.what = what;
    this.at = at;
  }
}

/** The format is sound but newer than this program. */
export class NewerFormatError extends VarveError {
  constructor(what: string, found: number, known: number) {
    super('NEWER_FORMAT', `${what} has format ${found}; this varve reads up to ${known}`, {
      advice: 'Update varve and try again; nothing was changed.',
    });
  }
}

/** A failed system call: `errno` is its symbolic name (`ENOSPC`), `path` what it was about, as legible text. */
export class SystemError extends VarveError {
  readonly errno: string;
  readonly syscall: string;
  readonly path: string | undefined;

  constructor(errno: string, syscall: string, path?: string, options?: { advice?: string; cause?: unknown }) {
    super(errno, `${syscall}${path === undefined ? '' : ` ${path}`}: ${errnoText(errno)}`, options);
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
  }
}

/** True when `error` carries the given errno, whether it comes from node:fs or from our own system calls. */
export function hasErrno(error: unknown, ...errnos: string[]): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && errnos.includes(code);
}

/** SQLite has found no space for a database, or for a temporary file of it. */
export class DatabaseFullError extends VarveError {
  constructor(cause: unknown) {
    super('ENOSPC', 'no space left on device (ENOSPC), for the database or for its temporary files', {
      advice: 'Free some space, or set TMPDIR to a folder that has some.',
      cause,
    });
  }
}

/** Of a write, and of making its shared memory (https://sqlite.org/rescode.html). */
const SQLITE_FULL = 13;
const SQLITE_IOERR_SHMSIZE = 4874;

/** Whether SQLite means by an error what DatabaseFullError does. */
export function isDatabaseFull(error: unknown): boolean {
  const { code, errcode, message } = (error ?? {}) as { code?: unknown; errcode?: unknown; message?: unknown };
  // A copy that fails has no number.
  return (
    code === 'ERR_SQLITE_ERROR' && (errcode === SQLITE_FULL || errcode === SQLITE_IOERR_SHMSIZE || message === 'database or disk is full')
  );
}

const ERRNO_TEXT: Record<string, string> = {
  EACCES: 'permission denied',
  EDQUOT: 'disk quota exceeded',
  EEXIST: 'exists already',
  EFBIG: 'file too large',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link, or leads through too many',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'name too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EOPNOTSUPP: 'not supported by this file system',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  EXDEV: 'on another file system',
};

/** An errno in words, with its name, so that it can be both read and searched for. */
export function errnoText(errno: string): string {
  const text = ERRNO_TEXT[errno];
  return text === undefined ? errno : `${text} (${errno})`;
}
