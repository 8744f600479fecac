import { system } from '../../sys/system.ts';
import type { FileRange } from '../../sys/types.ts';
import type { EndsReply, PackedFiles } from './messages.ts';
import { mix } from './mix.ts';
import { readEach } from './read-each.ts';

/** What is read of the beginning of every file, and of the end of a large one. */
const END_BYTES = 4096;
/** From this size on the end is looked at too: to read all of such a file for nothing would cost more. */
const LARGE_BYTES = 64 << 10;

const words = new Int32Array((2 * END_BYTES) / 4);
const bytes = new Uint8Array(words.buffer);
const beginning = bytes.subarray(0, END_BYTES);
const ending = bytes.subarray(END_BYTES);

/** Marks of files: see `markOfEnds`. */
export function marksOf(files: PackedFiles, ahead: number): EndsReply {
  const marks = new Float64Array(files.sizes.length).fill(Number.NaN);
  const read = (fd: number, size: number, index: number) => {
    marks[index] = markOfEnds(fd, size) ?? Number.NaN;
  };
  return { marks, failures: readEach(files, read, { ahead, rangesOf: endsOf }) };
}

/** What is read for a mark. Of what is not large it is all: if another file has the same mark, all of it will be read. */
export function endsOf(fd: number, size: number): FileRange[] {
  if (size < LARGE_BYTES) return [{ fd, from: 0, lengthBytes: size }];
  return [0, size - END_BYTES].map((from) => ({ fd, from, lengthBytes: END_BYTES }));
}

/**
 * A mark of the ends of an open file: the same for equal files, and for others hardly ever, unless somebody has made them so. What shares one has to be compared whole; a digest here
 * would cost as much again as all else that is done with a small file (measured). Undefined when the file has not that size any more.
 */
export function markOfEnds(fd: number, size: number): number | undefined {
  let count = system().read(fd, beginning);
  if (count !== Math.min(size, END_BYTES)) return undefined;
  if (size >= LARGE_BYTES) {
    if (system().read(fd, ending, size - END_BYTES) !== END_BYTES) return undefined;
    count += END_BYTES;
  }
  return markOf(count);
}

/** 53 bits of a sum over the first bytes of the buffer: four lanes of 32 bits, since a processor multiplies several numbers at once. */
function markOf(count: number): number {
  for (let i = count; (i & 15) !== 0; i++) bytes[i] = 0;
  let a = count;
  let b = 0x243f6a88;
  let c = 0x05a308d3;
  let d = 0x13198a2e;
  for (let i = 0, end = (count + 3) >> 2; i < end; i += 4) {
    a = Math.imul(((a << 5) | (a >>> 27)) ^ (words[i] as number), 0x9e3779b1);
    b = Math.imul(((b << 5) | (b >>> 27)) ^ (words[i + 1] as number), 0x85ebca6b);
    c = Math.imul(((c << 5) | (c >>> 27)) ^ (words[i + 2] as number), 0xc2b2ae35);
    d = Math.imul(((d << 5) | (d >>> 27)) ^ (words[i + 3] as number), 0x27d4eb2f);
  }
  const low = mix(a ^ mix(c)) ^ b;
  return (mix(b ^ mix(d)) >>> 11) * 0x1_0000_0000 + (mix(low ^ d) >>> 0);
}
