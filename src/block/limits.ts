/**
 * Content up to this length is always a literal: the record and the index entry of a block cost more than that. A rule of the format, so
 * that equal content has equal refs.
 */
export const LITERAL_MAX_BYTES = 64;

/**
 * Bounds of an indirect block, in children. A block ends behind the first child beyond the minimum whose digest ends in
 * `CHILD_BOUNDARY_BITS` zero bits, so the mean is 32 + 128. At 64 KiB a leaf, that is about 10 MiB of content below 7 KB of indirect block.
 */
export const MIN_CHILDREN = 32;
export const MAX_CHILDREN = 512;
export const CHILD_BOUNDARY_BITS = 7;

/** Deepest block tree that is believed: with MIN_CHILDREN a level, 2^50 leaves. */
export const MAX_DEPTH = 10;
