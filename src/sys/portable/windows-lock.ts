import { createRequire } from 'node:module';
import { SystemError } from '../../base/errors.ts';
import type { LockMode, System } from '../types.ts';

/**
 * Locks of Windows (LockFileEx), which belong to the open file and die with the process like flock's. They forbid reading and writing of the
 * range they cover, so they cover one byte at the far end of what a file can be.
 */
const LOCKFILE_FAIL_IMMEDIATELY = 1;
const LOCKFILE_EXCLUSIVE_LOCK = 2;
const ERROR_LOCK_VIOLATION = 33;

/** `OVERLAPPED`: two pointers of the kernel's, offset low, offset high, an event. */
const where = Buffer.alloc(256);
where.writeUInt32LE(0xffffffff, 16);
where.writeUInt32LE(0x7ffffffe, 20);

interface Kernel32 {
  /** libuv keeps the table of descriptors; node exports this function of it. */
  uv_get_osfhandle(fd: number): bigint | number;
  LockFileEx(handle: bigint | number, flags: number, reserved: number, low: number, high: number, overlapped: Uint8Array): number;
  UnlockFileEx(handle: bigint | number, reserved: number, low: number, high: number, overlapped: Uint8Array): number;
  GetLastError(): number;
}

let loaded: Kernel32 | undefined;
/** One open file can hold several locks at once on Windows; ours holds one, so that a change of mode gives up the other. */
const held = new Set<number>();

export const windowsLocks: Pick<System, 'lock' | 'unlock'> = { lock, unlock };

function lock(fd: number, mode: LockMode): boolean {
  const { LockFileEx, GetLastError, uv_get_osfhandle } = kernel32();
  if (held.has(fd)) unlock(fd);
  const flags = LOCKFILE_FAIL_IMMEDIATELY | (mode === 'exclusive' ? LOCKFILE_EXCLUSIVE_LOCK : 0);
  if (LockFileEx(uv_get_osfhandle(fd), flags, 0, 1, 0, where) !== 0) {
    held.add(fd);
    return true;
  }
  const error = GetLastError();
  if (error === ERROR_LOCK_VIOLATION) return false;
  throw new SystemError(`Windows error ${error}`, 'LockFileEx');
}

function unlock(fd: number): void {
  const { UnlockFileEx, uv_get_osfhandle } = kernel32();
  if (held.delete(fd)) UnlockFileEx(uv_get_osfhandle(fd), 0, 1, 0, where);
}

function kernel32(): Kernel32 {
  if (loaded === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const library = koffi.load('kernel32.dll');
    loaded = {
      uv_get_osfhandle: koffi.load(null).func('intptr_t uv_get_osfhandle(int fd)'),
      LockFileEx: library.func('int __stdcall LockFileEx(intptr_t, uint32_t, uint32_t, uint32_t, uint32_t, void *)'),
      UnlockFileEx: library.func('int __stdcall UnlockFileEx(intptr_t, uint32_t, uint32_t, uint32_t, void *)'),
      GetLastError: library.func('uint32_t __stdcall GetLastError()'),
    };
  }
  return loaded;
}
