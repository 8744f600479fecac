/**
 * Gives the memory of bytes back at once; they must not be used any more, nor any other view of their buffer. Left to the garbage collector, which hardly feels
 * memory outside its heap, large buffers pile up to some seventy megabytes a thread before it looks.
 *
 * Small ones are left alone: they may stand in Node's pool, which others use too.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 2 * Buffer.poolSize) buffer.transfer(0);
}
