import fs from 'node:fs';
import { hasErrno, SystemError } from './errors.ts';

/** Reads a file whole, perhaps from its open `fd`. Unlike those of node:fs, every error says which file it is of, and what to do where a folder stands in its place. */
export function readWhole(file: string, fd?: number): Buffer {
  try {
    return fs.readFileSync(fd ?? file);
  } catch (error) {
    if (!hasErrno(error, 'EISDIR', 'ENOTDIR', 'EIO')) throw error;
    const { code, syscall } = error as { code: string; syscall: string };
    throw new SystemError(code, syscall, file, { ...(code !== 'EIO' && { advice: SOMETHING_ELSE }), cause: error });
  }
}

/** For EISDIR and ENOTDIR. */
export const SOMETHING_ELSE = 'Something else stands there than varve has made: move it away, or put back what it has replaced.';
