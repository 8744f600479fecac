import type { Format } from '../types.ts';
import { leastPartBytes } from './least-part.ts';
import { PatternScanner } from './pattern-scanner.ts';

const MAGIC = Uint8Array.of(0x1f, 0x8b, 0x08);
const HEADER_BYTES = 10;

/**
 * gzip files of several members (rotated logs joined, BGZF, warc.gz): each begins with the magic number, deflate as its method, no reserved flags, and
 * one of the known levels and systems (RFC 1952). Members do not say how long they are.
 */
export const gzip: Format = {
  name: 'gzip',
  extensions: ['gz', 'tgz', 'bgz'],
  exclusive: false,
  matches: isMemberHeader,
  open: (bounds) =>
    new PatternScanner({ pattern: MAGIC, lookBytes: HEADER_BYTES, matches: isMemberHeader, leastBytes: leastPartBytes(bounds) }),
};

function isMemberHeader(mark: Uint8Array): boolean {
  const [first, second, method, flags, , , , , level, system] = mark;
  if (first !== MAGIC[0] || second !== MAGIC[1] || method !== MAGIC[2]) return false;
  return ((flags as number) & 0xe0) === 0 && (level === 0 || level === 2 || level === 4) && ((system as number) <= 13 || system === 255);
}
