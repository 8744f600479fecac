import fs from 'node:fs';
import { hasErrno, SystemError, UsageError } from '../../base/errors.ts';
import { type ByteName, nameFromBytes, nameToBytes, showName } from '../../base/names.ts';
import type { StreamSource } from './save-stream.ts';

/** What is to be saved; `path` is absolute, or for a stream its name. */
export type Source =
  | { readonly kind: 'directory' | 'file'; readonly path: ByteName }
  | { readonly kind: 'stream'; readonly path: ByteName; readonly stream: StreamSource };

/** Follows symbolic links: the user named it. Throws UsageError for what can be no source, SystemError for what cannot be reached. */
export function resolveSource(source: ByteName | StreamSource): Source {
  if (typeof source !== 'string') return { kind: 'stream', path: source.name, stream: source };
  try {
    const real = fs.realpathSync.native(nameToBytes(source), 'buffer');
    const stat = fs.statSync(real);
    if (!stat.isDirectory() && !stat.isFile()) throw new UsageError(`${showName(source)} is neither a directory nor a file`);
    return { kind: stat.isDirectory() ? 'directory' : 'file', path: nameFromBytes(real) };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EIO')) throw error;
    throw new SystemError((error as NodeJS.ErrnoException).code as string, 'open', showName(source), {
      advice: 'Check the path that is to be saved.',
      cause: error,
    });
  }
}
