import { constants } from 'node:os';
import { SystemError } from '../base/errors.ts';

/** Second names of one number; an error always carries the other. */
const ALIASES = new Set(['EWOULDBLOCK', 'ENOTSUP']);
const NAMES = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => !ALIASES.has(name))
    .map(([name, number]) => [number, name]),
);

/** The symbolic name of an errno of this platform. */
export function errnoName(number: number): string {
  return NAMES.get(number) ?? `errno ${number}`;
}

/** A failed call of node:fs as the SystemError that every implementation throws. Other errors are bugs and returned as they are. */
export function fromNodeError(error: unknown, legiblePath?: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || error instanceof SystemError) return error;
  return new SystemError(code === 'ENOTSUP' ? 'EOPNOTSUPP' : code, syscall, legiblePath, { cause: error });
}
