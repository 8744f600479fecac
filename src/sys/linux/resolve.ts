import type { ByteName } from '../../base/names.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { encodeName, encodeString } from '../posix/memory.ts';
import { relativeComponents } from '../single-name.ts';
import * as flags from './flags.ts';

const OPTIONS = flags.O_RDONLY | flags.O_DIRECTORY | flags.O_NOFOLLOW | flags.O_CLOEXEC;
const PATH_MAX = 4096;

/** `struct open_how` of openat2(2): flags, mode, resolve. */
const how = Buffer.alloc(256);
const HOW_BYTES = 24;
how.writeBigUInt64LE(BigInt(OPTIONS), 0);
how.writeBigUInt64LE(BigInt(flags.RESOLVE_BENEATH | flags.RESOLVE_NO_SYMLINKS | flags.RESOLVE_NO_MAGICLINKS), 16);

/** Opens the directory at `path` beneath `directory`, with no symbolic link on the way, in one call where the kernel can. */
export function resolveBeneath(directory: number, path: ByteName): number {
  const components = relativeComponents(path);
  const joined = components.length === 0 ? '.' : components.join('/');
  if (joined.length < PATH_MAX) {
    const fd = libc.openat2(flags.SYS_OPENAT2, directory, encodeString(joined as ByteName), how, HOW_BYTES);
    if (fd >= 0) return fd;
    // No such call before Linux 5.6; EPERM comes from the system call filters of old container runtimes.
    if (!failedWith('ENOSYS', 'EPERM', 'EAGAIN', 'EINTR')) throw failure('openat2', directory, joined as ByteName);
  }
  return stepByStep(directory, components.length === 0 ? ['.' as ByteName] : components);
}

function stepByStep(directory: number, components: readonly ByteName[]): number {
  let current = directory;
  for (const name of components) {
    const next = libc.openat(current, encodeName(name), OPTIONS, 0);
    const error = next < 0 ? failure('openat', current, name) : undefined;
    if (current !== directory) libc.close(current);
    if (error !== undefined) throw error;
    current = next;
  }
  return current;
}
