import type { ByteName } from '../../base/names.ts';
import { blake3 } from '../../hash/blake3.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { joinPath } from '../questions/places.ts';
import { failureAt, hasVanished } from './failure-at.ts';
import { type DiskFailure, FINGERPRINT_BYTES, type FingerprintReply, type PackedFiles } from './messages.ts';

/** What is read of each end. */
const END_BYTES = 4096;
const BUFFER_BYTES = 1 << 20;
const buffer = new Uint8Array(BUFFER_BYTES);

/** Reads files, of which only the first and last block for `ends`, and gives the BLAKE3 hash of what was read, for `ends` with the size. */
export function fingerprints({ folders, counts, names, sizes }: PackedFiles, extent: 'ends' | 'whole'): FingerprintReply {
  const reply = { fingerprints: new Uint8Array(sizes.length * FINGERPRINT_BYTES), failures: [] as DiskFailure[] };
  const list = names.split('/') as ByteName[];
  let next = 0;
  for (const [i, folder] of folders.entries()) {
    const end = next + (counts[i] as number);
    try {
      using directory = system().openDirectory(folder);
      for (let at = next; at < end; at++) {
        try {
          const hash = hashOf(directory, list[at] as ByteName, sizes[at] as number, extent);
          if (hash !== undefined) reply.fingerprints.set(hash, at * FINGERPRINT_BYTES);
        } catch (error) {
          if (!hasVanished(error)) reply.failures.push(failureAt(joinPath(folder, list[at] as ByteName), error));
        }
      }
    } catch (error) {
      if (!hasVanished(error)) reply.failures.push(failureAt(folder, error));
    }
    next = end;
  }
  return reply;
}

/** Undefined when the file has not that size any more. */
function hashOf(directory: Directory, name: ByteName, size: number, extent: 'ends' | 'whole'): Uint8Array | undefined {
  const fd = directory.openFile(name, 'read');
  try {
    if (extent === 'ends') return hashOfEnds(fd, size);
    // One byte more than there should be tells a file that has grown.
    if (size < BUFFER_BYTES)
      return system().read(fd, buffer.subarray(0, size + 1)) === size ? bare(blake3.hash(buffer.subarray(0, size))) : undefined;
    const hasher = blake3.hasher();
    let done = 0;
    for (let count = system().read(fd, buffer); count > 0; count = system().read(fd, buffer)) {
      hasher.update(buffer.subarray(0, count));
      done += count;
    }
    return done === size ? bare(hasher.digest()) : undefined;
  } finally {
    system().closeFile(fd);
  }
}

function hashOfEnds(fd: number, size: number): Uint8Array | undefined {
  const first = system().read(fd, buffer.subarray(0, END_BYTES), 0);
  const last = system().read(fd, buffer.subarray(END_BYTES, 2 * END_BYTES), Math.max(0, size - END_BYTES));
  // The size counts too: whole files that are alike have it in common, but ends alone do not.
  new DataView(buffer.buffer).setFloat64(2 * END_BYTES, size);
  return first === END_BYTES && last === END_BYTES ? bare(blake3.hash(buffer.subarray(0, 2 * END_BYTES + 8))) : undefined;
}

function bare(digest: Uint8Array): Uint8Array {
  return digest.subarray(PREFIX_BYTES);
}
