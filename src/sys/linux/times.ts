import type { Time } from '../types.ts';
import { UTIME_OMIT } from './flags.ts';

const times = Buffer.alloc(256);

/** Two `struct timespec`, access time first, as utimensat(2) takes them. */
export function encodeTimes(mtime: Time, atime: Time | undefined): Buffer {
  if (atime === undefined) writeTime(0, { seconds: 0, nanoseconds: UTIME_OMIT });
  else writeTime(0, atime);
  writeTime(16, mtime);
  return times;
}

function writeTime(at: number, { seconds, nanoseconds }: Time): void {
  times.writeBigInt64LE(BigInt(seconds), at);
  times.writeBigInt64LE(BigInt(nanoseconds), at + 8);
}
