import type { Directory } from '../types.ts';

/** The file descriptor of a directory that the Linux implementation opened; the kernel's queues know no other. */
export function descriptorOf(directory: Directory): number {
  if (typeof directory.handle !== 'number') throw new TypeError('only directories that Linux opened can be watched');
  return directory.handle;
}
