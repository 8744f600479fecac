import type { Ref } from '../../block/types.ts';
import { digestAlgorithm, digestsEqual } from '../../hash/digest.ts';
import type { Digest } from '../../hash/types.ts';
import { refsEqual, timesEqual } from '../compare-entries.ts';
import { sizeOf, type TreeView, type ViewEntry } from '../view.ts';
import type { DiffOptions, Place } from './types.ts';

/**
 * Whether the files at a place have the same bytes. Other sizes are other bytes, equal refs the same. Between refs of one algorithm that
 * differ the answer is no (though the bytes may have been cut at other places), for a live file of the other's size and modification time
 * it is yes; unless `checksum` asks to compare the bytes, as is done in every other case. Where a view has a digest and no bytes, the bytes of
 * the other side are held against that; where it has neither, files whose times differ count as different.
 */
export async function contentEqual(a: TreeView, b: TreeView, place: Place, options: DiffOptions): Promise<boolean> {
  const { before, after, beforePath, path } = place;
  if (sizeOf(before) !== sizeOf(after)) return false;
  if (before.digest !== undefined && after.digest !== undefined && before.digest[0] === after.digest[0])
    return digestsEqual(before.digest, after.digest);
  if (before.content !== undefined && after.content !== undefined) {
    if (refsEqual(before.content, after.content)) return true;
    if (!options.checksum && haveSameAlgorithm(before.content, after.content)) return false;
  } else if (!options.checksum && timesEqual(before.mtime, after.mtime)) {
    return true;
  }
  const range = options.signal ? { signal: options.signal } : {};
  const hasBytes = (entry: ViewEntry) => entry.isPartial !== true || entry.content !== undefined;
  if (hasBytes(before) && hasBytes(after)) return streamsEqual(a.read(before, beforePath, range), b.read(after, path, range));
  if (before.digest !== undefined && hasBytes(after)) return hasDigest(b.read(after, path, range), before.digest);
  return after.digest !== undefined && hasBytes(before) && hasDigest(a.read(before, beforePath, range), after.digest);
}

async function hasDigest(bytes: AsyncIterable<Uint8Array>, digest: Digest): Promise<boolean> {
  const hasher = digestAlgorithm(digest).hasher();
  for await (const piece of bytes) hasher.update(piece);
  return digestsEqual(hasher.digest(), digest);
}

function haveSameAlgorithm(a: Ref, b: Ref): boolean {
  const isHashed = (ref: Ref) => ref.kind === 'block' || ref.kind === 'tree';
  return isHashed(a) && isHashed(b) && a.digest[0] === b.digest[0];
}

async function streamsEqual(a: AsyncIterable<Uint8Array>, b: AsyncIterable<Uint8Array>): Promise<boolean> {
  const other = b[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const piece of a) {
      for (let at = 0; at < piece.length; ) {
        if (rest.length === 0) {
          const { done, value } = await other.next();
          if (done) return false;
          rest = value;
        }
        const size = Math.min(rest.length, piece.length - at);
        if (Buffer.compare(rest.subarray(0, size), piece.subarray(at, at + size)) !== 0) return false;
        rest = rest.subarray(size);
        at += size;
      }
    }
    return rest.length === 0 && (await other.next()).done === true;
  } finally {
    await other.return?.();
  }
}
