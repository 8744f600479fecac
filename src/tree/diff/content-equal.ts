import type { Ref } from '../../block/types.ts';
import { refsEqual, timesEqual } from '../compare-entries.ts';
import { sizeOf, type TreeView } from '../view.ts';
import type { DiffOptions, Place } from './types.ts';

/**
 * Whether the files at a place have the same bytes. Other sizes are other bytes, equal refs the same. Between refs of one algorithm that
 * differ the answer is no (though the bytes may have been cut at other places), for a live file of the other's size and modification time
 * it is yes; unless `checksum` asks to compare the bytes, as is done in every other case.
 */
export async function contentEqual(a: TreeView, b: TreeView, place: Place, options: DiffOptions): Promise<boolean> {
  const { before, after, beforePath, path } = place;
  if (sizeOf(before) !== sizeOf(after)) return false;
  if (before.content !== undefined && after.content !== undefined) {
    if (refsEqual(before.content, after.content)) return true;
    if (!options.checksum && haveSameAlgorithm(before.content, after.content)) return false;
  } else if (!options.checksum && timesEqual(before.mtime, after.mtime)) {
    return true;
  }
  const range = options.signal ? { signal: options.signal } : {};
  return streamsEqual(a.read(before, beforePath, range), b.read(after, path, range));
}

function haveSameAlgorithm(a: Ref, b: Ref): boolean {
  const hasDigest = (ref: Ref) => ref.kind === 'block' || ref.kind === 'tree';
  return hasDigest(a) && hasDigest(b) && a.digest[0] === b.digest[0];
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
