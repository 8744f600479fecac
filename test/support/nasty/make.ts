import { hasErrno } from '../../../src/base/errors.ts';
import { type ByteName, nameFromText } from '../../../src/base/names.ts';
import { system } from '../../../src/sys/system.ts';
import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';

/** A file with this content, of mode 0644 whatever the umask. */
export function makeFile(directory: Directory, name: ByteName | string, content: string | Uint8Array = ''): void {
  const fd = directory.openFile(name as ByteName, 'createExclusive');
  system().write(fd, typeof content === 'string' ? Buffer.from(content) : content, 0);
  system().setFileMode(fd, 0o644);
  system().closeFile(fd);
}

/** A directory of mode 0755, open. */
export function makeFolder(directory: Directory, name: ByteName | string): Directory {
  directory.makeDirectory(name as ByteName);
  directory.setMode(name as ByteName, 0o755);
  return directory.openDirectory(name as ByteName);
}

/** Does what rights or the file system may forbid, and notes if they did. */
export function attempt(context: NastyContext, what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!hasErrno(error, 'EPERM', 'EACCES', 'EOPNOTSUPP')) throw error;
    context.skip(what);
  }
}

/** Bytes that do not compress and are the same each time (xorshift32; Marsaglia, Xorshift RNGs, 2003). */
export function noise(lengthBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  let state = seed | 1;
  for (let at = 0; at < lengthBytes; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

export const text = nameFromText;
