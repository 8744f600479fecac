import type { ByteName } from '../../base/names.ts';
import { failedWith, failure, failureOf } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { encodeName, encodeString } from '../posix/memory.ts';
import { Stat } from '../stat.ts';
import * as flags from './flags.ts';

const stat = new Stat();
const NOTHING = encodeString('' as ByteName);

/** Changes the mode of an entry that is no symbolic link; EOPNOTSUPP if it is one. */
export function setModeNoFollow(directory: number, name: ByteName, mode: number): void {
  const path = encodeName(name);
  if (libc.fchmodat2(flags.SYS_FCHMODAT2, directory, path, mode, flags.AT_SYMLINK_NOFOLLOW) === 0) return;
  // No such call before Linux 6.6; EPERM comes from the system call filters of old container runtimes, too.
  if (!failedWith('ENOSYS', 'EPERM')) throw failure('fchmodat2', directory, name);
  const fd = libc.openat(directory, path, flags.O_PATH | flags.O_NOFOLLOW | flags.O_CLOEXEC, 0);
  if (fd < 0) throw failure('openat', directory, name);
  try {
    setModeOfHandle(fd, directory, name, mode);
  } finally {
    libc.close(fd);
  }
}

/** By the link in /proc, which leads to the very file that is open: fchmod(2) refuses a handle that O_PATH made. */
function setModeOfHandle(fd: number, directory: number, name: ByteName, mode: number): void {
  if (libc.statx(fd, NOTHING, flags.AT_EMPTY_PATH, flags.STATX_BASIC_AND_BIRTH, stat.bytes) < 0) throw failure('statx', directory, name);
  if (stat.kind === 'symlink') throw failureOf('EOPNOTSUPP', 'chmod', directory, name);
  if (libc.chmod(encodeString(`/proc/self/fd/${fd}` as ByteName), mode) < 0) throw failure('chmod', directory, name);
}
