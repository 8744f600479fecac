/** Longest name of an entry, in bytes. Linux allows 255; 255 UTF-16 units of other systems can take 765. */
export const MAX_NAME_BYTES = 1024;
/** Longest target of a symlink; Linux allows 4095. */
export const MAX_TARGET_BYTES = 65_536;
/** Linux allows 65 536 bytes of attribute names a file, so fewer attributes than this. */
export const MAX_XATTRS = 32_768;
export const MAX_XATTR_NAME_BYTES = 255;
export const IDENTITY_BYTES = 16;
export const MAX_MIME_TYPE_BYTES = 255;
export const MAX_OWNER_NAME_BYTES = 256;
export const MAX_SALT_BYTES = 64;

/**
 * Bounds of a directory node. It ends behind the first name beyond the minimum whose hash ends in `NAME_BOUNDARY_BITS` zero bits, so its mean
 * is 32 + 32 items: entries in a leaf, children above. One changed file among 100 000 so costs three nodes, 13 KB before compression, and
 * a change of 1 % of them 3.6 MB of 6.8 (means of 16 + 32: 11 KB in four nodes, 3.2 MB; of 64 + 64: 21 KB, 5.1 MB). The maxima bound what
 * reading one node costs; a leaf also ends where attributes have swollen it to `LEAF_BYTES`.
 */
export const MIN_NODE_ITEMS = 32;
export const MAX_NODE_ITEMS = 512;
export const NAME_BOUNDARY_BITS = 5;
export const LEAF_BYTES = 256 * 1024;

/** Most levels of nodes that are believed: with MIN_NODE_ITEMS a level, 2^50 entries. */
export const MAX_NODE_LEVEL = 10;
