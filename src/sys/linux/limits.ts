import { failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { AT_FDCWD, RLIMIT_NOFILE } from './flags.ts';

/** struct rlimit: soft limit, hard limit. */
const limits = Buffer.alloc(256);

export function openFileLimit(): number {
  if (libc.getrlimit(RLIMIT_NOFILE, limits) < 0) throw failure('getrlimit', AT_FDCWD);
  const soft = limits.readBigUInt64LE(0);
  const hard = limits.readBigUInt64LE(8);
  if (soft < hard) {
    limits.writeBigUInt64LE(hard, 0);
    if (libc.setrlimit(RLIMIT_NOFILE, limits) === 0) return Number(hard);
  }
  return Number(soft);
}
