import { constants } from 'node:os';
import { SystemError } from '../base/errors.ts';

/** Second names, on most platforms of the same number; an error always carries the first. */
const FIRST_NAMES: Record<string, string> = { ENOTSUP: 'EOPNOTSUPP', EWOULDBLOCK: 'EAGAIN' };
const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, firstName(name)]));

/** The symbolic name of an errno of this platform. */
export function errnoName(number: number): string {
  return NAMES.get(number) ?? `errno ${number}`;
}

/** A failed call of node:fs as the SystemError that every implementation throws. Other errors are bugs and returned as they are. */
export function fromNodeError(error: unknown, legiblePath?: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || error instanceof SystemError) return error;
  return new SystemError(firstName(code), syscall, legiblePath, { cause: error });
}

function firstName(name: string): string {
  return FIRST_NAMES[name] ?? name;
}
