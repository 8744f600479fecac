import { turnEventLoop } from '../../base/event-loop.ts';
import { system } from '../../sys/system.ts';

/** Both stay in the processor's cache. */
const CHUNK_BYTES = 256 << 10;
/** After so much of a file others are heard: an interruption, say. */
const TURN_BYTES = 64 << 20;

/** Whether two open files hold the same bytes, of which there are to be `size`. */
export async function hasSameContent(a: number, b: number, size: number, signal?: AbortSignal): Promise<boolean> {
  const [left, right] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
  for (let at = 0; ; ) {
    const count = readFully(a, left, at);
    if (readFully(b, right, at) !== count || left.compare(right, 0, count, 0, count) !== 0) return false;
    at += count;
    if (count < CHUNK_BYTES) return at === size;
    if (at % TURN_BYTES === 0) await turnEventLoop();
    signal?.throwIfAborted();
  }
}

/** Fills the buffer from `position`, unless the file ends before. */
function readFully(fd: number, buffer: Buffer, position: number): number {
  let done = 0;
  for (let count = -1; count !== 0 && done < buffer.length; done += count) {
    count = system().read(fd, done === 0 ? buffer : buffer.subarray(done), position + done);
  }
  return done;
}
