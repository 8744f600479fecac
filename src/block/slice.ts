import type { Ref } from './types.ts';

const EMPTY: Ref = { kind: 'literal', bytes: new Uint8Array(0), size: 0 };

/** The ref of no bytes. */
export function emptyRef(): Ref {
  return EMPTY;
}

/**
 * The ref of `size` bytes of `ref` from `offset` on, in its simplest form: everything is `ref` itself, nothing is the empty literal, a part
 * of a run is a shorter run, of a literal a shorter literal (a view), of a slice a slice of the same block. Throws RangeError beyond the
 * end.
 */
export function sliceRef(ref: Ref, offset: number, size: number): Ref {
  if (offset < 0 || size < 0 || offset + size > ref.size) throw new RangeError(`slice ${offset}+${size} of ${ref.size} bytes`);
  if (size === ref.size) return ref;
  if (size === 0) return EMPTY;
  switch (ref.kind) {
    case 'run':
      return { ...ref, size };
    case 'literal':
      return { kind: 'literal', bytes: ref.bytes.subarray(offset, offset + size), size };
    case 'slice':
      return sliceRef(ref.of, ref.offset + offset, size);
    default:
      return { kind: 'slice', of: ref, offset, size };
  }
}
