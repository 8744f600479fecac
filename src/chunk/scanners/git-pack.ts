import type { Format } from '../types.ts';
import { PatternScanner } from './pattern-scanner.ts';

/** The first bytes of a zlib stream as git writes it: deflate with a window of 32 KiB, default level (RFC 1950). */
const ZLIB_HEADER = Uint8Array.of(0x78, 0x9c);

/**
 * git packs: objects are zlib streams that do not say how long they are, after headers that differ from pack to pack (gitformat-pack). Boundaries are suggested where a
 * stream begins after one that is at least a minimal block long; the smaller ones share blocks that the kernel cuts.
 */
export const gitPack: Format = {
  name: 'git-pack',
  extensions: ['pack'],
  exclusive: false,
  matches: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PACK' && head[4] === 0,
  open: (bounds) => new PatternScanner({ pattern: ZLIB_HEADER, leastBytes: bounds.minBytes }),
};
