import { blake3 } from '../../hash/blake3.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import { system } from '../../sys/system.ts';
import type { FileRange } from '../../sys/types.ts';
import { HASH_BYTES, type PackedFiles, type WholeReply } from './messages.ts';
import { readEach } from './read-each.ts';

/** Stays in the processor's cache from where it is read to where it is hashed. */
const buffer = new Uint8Array(256 << 10);

/** The BLAKE3 hash of each file's bytes. */
export function hashesOf(files: PackedFiles, ahead: number): WholeReply {
  const hashes = new Uint8Array(files.sizes.length * HASH_BYTES);
  const read = (fd: number, size: number, index: number) => {
    const digest = digestOf(fd, size);
    if (digest !== undefined) hashes.set(digest.subarray(PREFIX_BYTES), index * HASH_BYTES);
  };
  return { hashes, failures: readEach(files, read, { ahead, rangesOf: beginningOf }) };
}

/** The kernel sees by itself that a large file is read to its end. */
function beginningOf(fd: number, size: number): FileRange[] {
  return [{ fd, from: 0, lengthBytes: Math.min(size, buffer.length) }];
}

/** Undefined when the file has not that size any more. */
function digestOf(fd: number, size: number): Uint8Array | undefined {
  // One byte more than there should be tells a file that has grown.
  if (size < buffer.length)
    return system().read(fd, buffer.subarray(0, size + 1)) === size ? blake3.hash(buffer.subarray(0, size)) : undefined;
  const hasher = blake3.hasher();
  let done = 0;
  for (let count = system().read(fd, buffer); count > 0; count = system().read(fd, buffer)) {
    hasher.update(buffer.subarray(0, count));
    done += count;
  }
  return done === size ? hasher.digest() : undefined;
}
