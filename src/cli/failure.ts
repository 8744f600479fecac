import { inspect } from 'node:util';
import { DatabaseFullError, errnoText, isDatabaseFull, VarveError } from '../base/errors.ts';
import { SOMETHING_ELSE } from '../base/read-whole.ts';

/** What the command line ends with (I2). */
export const EXIT = { done: 0, failed: 1, usage: 2, partial: 3, interrupted: 130 } as const;

/** An error as it is told to people. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly advice: string | undefined;
  /** For --debug. */
  readonly stack: string;
}

/** By code and not by class, which is lost on the way from a thread or from the daemon. */
const USAGE_CODES: ReadonlySet<string> = new Set(['USAGE', 'UNKNOWN_HASH', 'CONFIG']);

/** Describes anything that was thrown. What is not a VarveError or a failed system call is a bug, and says so. */
export function describeFailure(error: unknown): Failure {
  if (isDatabaseFull(error)) return describeFailure(new DatabaseFullError(error));
  const stack = inspect(error);
  if (error instanceof VarveError) {
    const status = USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
    return { status, code: error.code, message: error.message, advice: error.advice ?? adviceFor(error.code), stack };
  }
  if (isSystemFailure(error)) {
    const { code, syscall, path } = error;
    return {
      status: EXIT.failed,
      code,
      message: `${syscall}${path ? ` ${path}` : ''}: ${errnoText(code)}`,
      advice: adviceFor(code),
      stack,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    status: EXIT.failed,
    code: 'BUG',
    message: `unexpected: ${message}`,
    advice: 'This is a bug in varve: please report it with what --debug prints.',
    stack,
  };
}

function isSystemFailure(error: unknown): error is { code: string; syscall: string; path?: string } {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && typeof syscall === 'string';
}

function adviceFor(code: string): string | undefined {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Free some space and run the command again; nothing that was saved is harmed.';
  if (code === 'EACCES' || code === 'EPERM') return 'Check who may read and write there.';
  if (code === 'EIO')
    return "The disk or its cable may be failing: look into the system's log, then check what is stored with: varve verify";
  if (code === 'EROFS') return 'The file system is mounted read-only: choose another place, or mount it for writing.';
  if (code === 'ENOTDIR' || code === 'EISDIR') return SOMETHING_ELSE;
  return undefined;
}
