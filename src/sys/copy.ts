import type { System } from './types.ts';

/** Large enough that calls cost nothing beside the copying, small enough for the processor's cache. */
const BUFFER_BYTES = 256 * 1024;

/** `System.copyRange` by reading and writing, for where the kernel has no call. */
export function copyThroughMemory(
  system: Pick<System, 'read' | 'write'>,
  from: number,
  fromOffset: number,
  to: number,
  toOffset: number,
  lengthBytes: number,
): number {
  const buffer = Buffer.allocUnsafe(Math.min(lengthBytes, BUFFER_BYTES));
  let done = 0;
  while (done < lengthBytes) {
    const count = system.read(from, buffer.subarray(0, Math.min(buffer.length, lengthBytes - done)), fromOffset + done);
    if (count === 0) break;
    system.write(to, buffer.subarray(0, count), toOffset + done);
    done += count;
  }
  return done;
}
