import type { Bounds, Format } from '../types.ts';
import { type HeaderParser, HeaderWalker } from './header-walker.ts';
import { leastPartBytes } from './least-part.ts';

/**
 * MP4 and QuickTime: a list of boxes, each with its size and type before its content (ISO/IEC 14496-12, 4.2). Tagging or "fast start" rewrites the small boxes and
 * shifts the media data, whose blocks begin at its first byte and so stay the same.
 */
export const mp4: Format = {
  name: 'mp4',
  extensions: ['mp4', 'm4a', 'm4v', 'm4b', 'mov', '3gp', 'heic', 'avif'],
  exclusive: false,
  matches: (head) => Buffer.from(head.subarray(4, 8)).toString('latin1') === 'ftyp',
  open: (bounds) => new HeaderWalker((suggest) => boxes(bounds, suggest)),
};

function* boxes(bounds: Bounds, suggest: (offset: number) => void): HeaderParser {
  for (let at = 0; ; ) {
    const header = yield { at, bytes: 8 };
    const view = new DataView(header.buffer, header.byteOffset, 8);
    const type = Buffer.from(header.subarray(4, 8)).toString('latin1');
    if (!/^[\w ©-]{4}$/.test(type)) return;
    let headerBytes = 8;
    let size = view.getUint32(0);
    if (size === 1) {
      const large = yield { at: at + 8, bytes: 8 };
      size = Number(new DataView(large.buffer, large.byteOffset, 8).getBigUint64(0));
      headerBytes = 16;
    }
    if (size >= leastPartBytes(bounds) || size === 0) suggest(at + headerBytes);
    // A size of 0 reaches to the end of the file.
    if (size < headerBytes || !Number.isSafeInteger(at + size)) return;
    at += size;
    if (size >= leastPartBytes(bounds)) suggest(at);
  }
}
