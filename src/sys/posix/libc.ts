import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * The functions of libc that Varve calls, declared each at its first use, in threads all at once: loading koffi takes about 6 ms (its CommonJS entry; the
 * ES module takes 9), which a command that touches no files should not pay. Signatures are those of the manual pages; `void *` takes any
 * Uint8Array, whose memory must stay alive only during the call. All return -1 and set errno on failure, but `posix_fadvise` and
 * `get..._r`, which return the errno.
 */
export interface Libc {
  openat(directory: number, path: Uint8Array, flags: number, mode: number): number;
  close(fd: number): number;
  getdents64(fd: number, buffer: Uint8Array, size: number): number;
  statx(directory: number, path: Uint8Array, flags: number, mask: number, into: Uint8Array): number;
  readlinkat(directory: number, path: Uint8Array, buffer: Uint8Array, size: number): number;
  mkdirat(directory: number, path: Uint8Array, mode: number): number;
  symlinkat(target: Uint8Array, directory: number, path: Uint8Array): number;
  linkat(fromDirectory: number, from: Uint8Array, toDirectory: number, to: Uint8Array, flags: number): number;
  mknodat(directory: number, path: Uint8Array, mode: number, device: number): number;
  unlinkat(directory: number, path: Uint8Array, flags: number): number;
  renameat(fromDirectory: number, from: Uint8Array, toDirectory: number, to: Uint8Array): number;
  utimensat(directory: number, path: Uint8Array, times: Uint8Array, flags: number): number;
  futimens(fd: number, times: Uint8Array): number;
  chmod(path: Uint8Array, mode: number): number;
  fchmod(fd: number, mode: number): number;
  fchown(fd: number, uid: number, gid: number): number;
  fchownat(directory: number, path: Uint8Array, uid: number, gid: number, flags: number): number;
  llistxattr(path: Uint8Array, buffer: Uint8Array, size: number): number;
  lgetxattr(path: Uint8Array, name: Uint8Array, buffer: Uint8Array, size: number): number;
  lsetxattr(path: Uint8Array, name: Uint8Array, value: Uint8Array, size: number, flags: number): number;
  lremovexattr(path: Uint8Array, name: Uint8Array): number;
  flistxattr(fd: number, buffer: Uint8Array, size: number): number;
  fgetxattr(fd: number, name: Uint8Array, buffer: Uint8Array, size: number): number;
  fsetxattr(fd: number, name: Uint8Array, value: Uint8Array, size: number, flags: number): number;
  fremovexattr(fd: number, name: Uint8Array): number;
  read(fd: number, buffer: Uint8Array, size: number): number;
  write(fd: number, buffer: Uint8Array, size: number): number;
  pread(fd: number, buffer: Uint8Array, size: number, offset: number): number;
  pwrite(fd: number, buffer: Uint8Array, size: number, offset: number): number;
  lseek(fd: number, offset: number, whence: number): number;
  ftruncate(fd: number, size: number): number;
  fallocate(fd: number, mode: number, offset: number, size: number): number;
  copy_file_range(from: number, fromOffset: Uint8Array, to: number, toOffset: Uint8Array, size: number, flags: number): number;
  ioctl(fd: number, request: number, value: number): number;
  fcntl(fd: number, command: number, value: number): number;
  ioctlWith(fd: number, request: number, argument: Uint8Array): number;
  posix_fadvise(fd: number, offset: number, size: number, advice: number): number;
  fsync(fd: number): number;
  fdatasync(fd: number): number;
  syncfs(fd: number): number;
  flock(fd: number, operation: number): number;
  getrlimit(resource: number, limits: Uint8Array): number;
  setrlimit(resource: number, limits: Uint8Array): number;
  setpriority(which: number, who: number, nice: number): number;
  getpwuid_r(uid: number, entry: Uint8Array, strings: Uint8Array, size: number, result: Uint8Array): number;
  getpwnam_r(name: Uint8Array, entry: Uint8Array, strings: Uint8Array, size: number, result: Uint8Array): number;
  getgrgid_r(gid: number, entry: Uint8Array, strings: Uint8Array, size: number, result: Uint8Array): number;
  getgrnam_r(name: Uint8Array, entry: Uint8Array, strings: Uint8Array, size: number, result: Uint8Array): number;
  getpagesize(): number;
  /** Addresses as numbers. */
  mmap(address: number, size: number, protection: number, flags: number, fd: number, offset: number): number;
  munmap(address: number, size: number): number;
  madvise(address: number, size: number, advice: number): number;
  /** Of glibc alone. */
  malloc_trim(leave: number): number;
  poll(descriptors: Uint8Array, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  inotify_init1(flags: number): number;
  inotify_add_watch(queue: number, path: Uint8Array, mask: number): number;
  inotify_rm_watch(queue: number, watch: number): number;
  fanotify_init(flags: number, eventFlags: number): number;
  /** The mask has 64 bits, of which those that a number holds exactly can be given. Without a path, `directory` itself is meant. */
  fanotify_mark(queue: number, flags: number, mask: number, directory: number, path: Uint8Array | null): number;
  fstatfs(fd: number, into: Uint8Array): number;
  name_to_handle_at(directory: number, path: Uint8Array, handle: Uint8Array, mountId: Uint8Array, flags: number): number;
  open_by_handle_at(mount: number, handle: Uint8Array, flags: number): number;
  /** For calls that libc has no function for, or not in every version: the kernel's own, by number. */
  openat2(number: number, directory: number, path: Uint8Array, how: Uint8Array, size: number): number;
  fchmodat2(number: number, directory: number, path: Uint8Array, mode: number, flags: number): number;
  ioprio_set(number: number, which: number, who: number, priority: number): number;
  renameat2(number: number, fromDirectory: number, from: Uint8Array, toDirectory: number, to: Uint8Array, flags: number): number;
}

/** Symbol, result and parameters. An `i` is an int, `u` an unsigned int, `l` a long or off_t, `z` a size_t, `p` a pointer. */
const PROTOTYPES: Record<keyof Libc, readonly [symbol: string | readonly string[], result: 'i' | 'l', parameters: string]> = {
  openat: ['openat', 'i', 'ipiu'],
  close: ['close', 'i', 'i'],
  // musl names it `getdents`; the records are the same.
  getdents64: [['getdents64', 'getdents'], 'l', 'ipz'],
  statx: ['statx', 'i', 'ipiup'],
  readlinkat: ['readlinkat', 'l', 'ippz'],
  mkdirat: ['mkdirat', 'i', 'ipu'],
  symlinkat: ['symlinkat', 'i', 'pip'],
  linkat: ['linkat', 'i', 'ipipi'],
  mknodat: ['mknodat', 'i', 'ipul'],
  unlinkat: ['unlinkat', 'i', 'ipi'],
  renameat: ['renameat', 'i', 'ipip'],
  utimensat: ['utimensat', 'i', 'ippi'],
  futimens: ['futimens', 'i', 'ip'],
  chmod: ['chmod', 'i', 'pu'],
  fchmod: ['fchmod', 'i', 'iu'],
  fchown: ['fchown', 'i', 'iuu'],
  fchownat: ['fchownat', 'i', 'ipuui'],
  llistxattr: ['llistxattr', 'l', 'ppz'],
  lgetxattr: ['lgetxattr', 'l', 'pppz'],
  lsetxattr: ['lsetxattr', 'i', 'pppzi'],
  lremovexattr: ['lremovexattr', 'i', 'pp'],
  flistxattr: ['flistxattr', 'l', 'ipz'],
  fgetxattr: ['fgetxattr', 'l', 'ippz'],
  fsetxattr: ['fsetxattr', 'i', 'ippzi'],
  fremovexattr: ['fremovexattr', 'i', 'ip'],
  read: ['read', 'l', 'ipz'],
  write: ['write', 'l', 'ipz'],
  pread: ['pread', 'l', 'ipzl'],
  pwrite: ['pwrite', 'l', 'ipzl'],
  lseek: ['lseek', 'l', 'ili'],
  ftruncate: ['ftruncate', 'i', 'il'],
  fallocate: ['fallocate', 'i', 'iill'],
  copy_file_range: ['copy_file_range', 'l', 'ipipzu'],
  ioctl: ['ioctl', 'i', 'izl'],
  fcntl: ['fcntl', 'i', 'iii'],
  ioctlWith: ['ioctl', 'i', 'izp'],
  posix_fadvise: ['posix_fadvise', 'i', 'illi'],
  fsync: ['fsync', 'i', 'i'],
  fdatasync: ['fdatasync', 'i', 'i'],
  syncfs: ['syncfs', 'i', 'i'],
  flock: ['flock', 'i', 'ii'],
  getrlimit: ['getrlimit', 'i', 'ip'],
  setrlimit: ['setrlimit', 'i', 'ip'],
  setpriority: ['setpriority', 'i', 'iui'],
  getpwuid_r: ['getpwuid_r', 'i', 'uppzp'],
  getpwnam_r: ['getpwnam_r', 'i', 'pppzp'],
  getgrgid_r: ['getgrgid_r', 'i', 'uppzp'],
  getgrnam_r: ['getgrnam_r', 'i', 'pppzp'],
  getpagesize: ['getpagesize', 'i', ''],
  mmap: ['mmap', 'l', 'zziiil'],
  munmap: ['munmap', 'i', 'zz'],
  madvise: ['madvise', 'i', 'zzi'],
  malloc_trim: ['malloc_trim', 'i', 'z'],
  poll: ['poll', 'i', 'pzi'],
  eventfd: ['eventfd', 'i', 'ui'],
  inotify_init1: ['inotify_init1', 'i', 'i'],
  inotify_add_watch: ['inotify_add_watch', 'i', 'ipu'],
  inotify_rm_watch: ['inotify_rm_watch', 'i', 'ii'],
  fanotify_init: ['fanotify_init', 'i', 'uu'],
  fanotify_mark: ['fanotify_mark', 'i', 'iuzip'],
  fstatfs: ['fstatfs', 'i', 'ip'],
  name_to_handle_at: ['name_to_handle_at', 'i', 'ipppi'],
  open_by_handle_at: ['open_by_handle_at', 'i', 'ipi'],
  openat2: ['syscall', 'l', 'llppz'],
  fchmodat2: ['syscall', 'l', 'llpll'],
  ioprio_set: ['syscall', 'l', 'llll'],
  renameat2: ['syscall', 'l', 'llplpl'],
};

const TYPES: Record<string, string> = { i: 'int', u: 'unsigned int', l: 'long', z: 'size_t', p: 'void *' };

type Koffi = typeof import('koffi');
type Library = ReturnType<Koffi['load']>;

let koffi: Koffi | undefined;
let library: Library | undefined;

function load(): Library {
  if (library === undefined) {
    koffi = createRequire(import.meta.url)('koffi') as Koffi;
    library = koffi.load(null);
  }
  return library;
}

/** Whether libraries can be called here: koffi has a build for this platform, and loads. */
export function hasNative(): boolean {
  return whyNotNative() === undefined;
}

/** What koffi has said when it was loaded here; undefined when it loads. */
export function whyNotNative(): unknown {
  try {
    load();
    return undefined;
  } catch (error) {
    return error;
  }
}

let noted = 0;

/** errno of the last call that failed (returned less than 0), as a number. Valid until the next one of this thread. */
export function lastErrno(): number {
  return noted;
}

type Call = (...parameters: unknown[]) => number;

/**
 * Notes errno at once where a call fails: whoever asks for it later may have made objects by then, and a collection of garbage makes system calls of its own that overwrite it (seen: a statx of a
 * file that was gone, told as EAGAIN). By the number of parameters, since a list of them would be an object for each call.
 */
function noting(call: Call, parameters: number): Call {
  const { errno } = koffi as Koffi;
  const note = (result: number) => {
    if (result < 0) noted = errno();
    return result;
  };
  if (parameters === 1) return (a) => note(call(a));
  if (parameters === 2) return (a, b) => note(call(a, b));
  if (parameters === 3) return (a, b, c) => note(call(a, b, c));
  if (parameters === 4) return (a, b, c, d) => note(call(a, b, c, d));
  if (parameters === 5) return (a, b, c, d, e) => note(call(a, b, c, d, e));
  return (a, b, c, d, e, f) => note(call(a, b, c, d, e, f));
}

/** Where bytes stand in memory, to be compared with pointers that a call has left behind. */
export function addressOf(bytes: Uint8Array): bigint {
  return (koffi as Koffi).address(bytes);
}

function declare(name: keyof Libc): unknown {
  const [symbols, result, parameters] = PROTOTYPES[name];
  const types = Array.from(parameters, (letter) => TYPES[letter] as string);
  const candidates = typeof symbols === 'string' ? [symbols] : symbols;
  for (const [index, symbol] of candidates.entries()) {
    try {
      return noting(load().func(symbol, TYPES[result] as string, types) as unknown as Call, types.length);
    } catch (error) {
      if (index === candidates.length - 1) throw error;
    }
  }
  throw new Error(`${name} has no symbol`);
}

const NAMES = Object.keys(PROTOTYPES) as (keyof Libc)[];

/** Every property declares its function when it is first read, and is that function from then on. */
export const libc = Object.create(null) as Libc;
for (const name of NAMES) {
  Object.defineProperty(libc, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = declare(name);
      Object.defineProperty(libc, name, { value, enumerable: true });
      return value;
    },
  });
}

/**
 * A thread that is terminated while koffi is being loaded in it, or declares a function, ends the whole process: koffi wants to throw where nothing can be thrown any more. So a thread has all of it behind it when its modules are
 * loaded (EndableThread): a millisecond more than loading alone.
 */
function declareAll(): void {
  for (const name of NAMES) {
    try {
      void libc[name];
    } catch {
      // Not every libc has them all. Whoever calls it is told.
    }
  }
}
if (!isMainThread && process.platform === 'linux' && process.env.VARVE_SYS !== 'portable' && hasNative()) declareAll();
