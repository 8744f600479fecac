import { failedWith } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';

/** fcntl(2), include/uapi/linux/fcntl.h. */
const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;

/** By a lease for writing, which the kernel gives to nobody while a file is open elsewhere. It is given back at once: who opens the file in between would make it send SIGIO. */
export function isOpenElsewhere(fd: number): boolean | undefined {
  if (libc.fcntl(fd, F_SETLEASE, F_WRLCK) < 0) return failedWith('EAGAIN') ? true : undefined;
  libc.fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}
