import type { Bounds, Format } from '../types.ts';
import { type HeaderParser, HeaderWalker } from './header-walker.ts';
import { leastPartBytes } from './least-part.ts';

const RECORD_BYTES = 512;

/**
 * tar: a header of 512 bytes, data, padding to 512 (POSIX ustar, with the sizes of GNU). The data of a member that is not small stands in blocks of its own, the same
 * as those of the file saved by itself.
 */
export const tar: Format = {
  name: 'tar',
  extensions: ['tar', 'gem', 'ova'],
  exclusive: false,
  matches: (head) => head.length >= RECORD_BYTES && head[0] !== 0 && dataBytes(head) !== undefined,
  open: (bounds) => new HeaderWalker((suggest) => members(bounds, suggest)),
};

function* members(bounds: Bounds, suggest: (offset: number) => void): HeaderParser {
  for (let at = 0; ; ) {
    const header = yield { at, bytes: RECORD_BYTES };
    at += RECORD_BYTES;
    // Two empty records end the archive; concatenated archives go on after them.
    if (header[0] === 0 && header[124] === 0) continue;
    const size = dataBytes(header);
    if (size === undefined) return;
    if (size >= leastPartBytes(bounds)) {
      suggest(at);
      suggest(at + size);
    }
    at += Math.ceil(size / RECORD_BYTES) * RECORD_BYTES;
  }
}

/** The size of the data after a header, undefined when this is no header. */
function dataBytes(header: Uint8Array): number | undefined {
  if (!checksumHolds(header)) return undefined;
  // Links, devices, directories and FIFOs have no data, whatever their size field says.
  const kind = header[156] as number;
  if (kind >= 0x31 && kind <= 0x36) return 0;
  const field = Buffer.from(header.subarray(124, 136));
  // GNU: a set high bit means binary, big-endian.
  const size =
    (field[0] as number) & 0x80
      ? Number(field.readBigUInt64BE(4))
      : Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim() || '0', 8);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** The sum of all bytes of the header, with its own field read as blanks. */
function checksumHolds(header: Uint8Array): boolean {
  let sum = 8 * 0x20;
  for (let at = 0; at < RECORD_BYTES; at++) if (at < 148 || at >= 156) sum += header[at] as number;
  return Number.parseInt(Buffer.from(header.subarray(148, 156)).toString('latin1').replaceAll('\0', ' ').trim(), 8) === sum;
}
