import type { Format } from '../types.ts';
import { leastPartBytes } from './least-part.ts';
import { PatternScanner } from './pattern-scanner.ts';

const LOCAL_HEADER = Uint8Array.of(0x50, 0x4b, 0x03, 0x04);
const LOCAL_HEADER_BYTES = 30;
/** Bits of the general-purpose flags that PKWARE's APPNOTE leaves unused or reserves. */
const UNUSED_FLAGS = 0xc780;

/**
 * zip and what is built on it (jar, odt, docx, apk, whl, epub): the compressed data of an entry stands in blocks of its own, since an unchanged file is the same bytes in
 * the next release while its local header may carry another time (PKWARE APPNOTE 4.3.7). Sizes are often not in the local header but after the data,
 * so headers are found by their mark.
 */
export const zip: Format = {
  name: 'zip',
  extensions: ['zip', 'jar', 'war', 'apk', 'aar', 'whl', 'odt', 'ods', 'odp', 'docx', 'xlsx', 'pptx', 'epub', 'xpi', 'vsix', 'nupkg'],
  exclusive: false,
  matches: (head) => head.length >= LOCAL_HEADER_BYTES && isLocalHeader(head),
  open: (bounds) => {
    const leastBytes = leastPartBytes(bounds);
    return new PatternScanner({
      pattern: LOCAL_HEADER,
      lookBytes: LOCAL_HEADER_BYTES,
      matches: isLocalHeader,
      inner: (mark) => dataStart(mark, leastBytes),
      leastBytes,
    });
  },
};

function isLocalHeader(mark: Uint8Array): boolean {
  const view = new DataView(mark.buffer, mark.byteOffset, LOCAL_HEADER_BYTES);
  const isMark = LOCAL_HEADER.every((byte, at) => mark[at] === byte);
  return isMark && view.getUint16(4, true) < 100 && (view.getUint16(6, true) & UNUSED_FLAGS) === 0 && view.getUint16(26, true) <= 4096;
}

/** Where the data after a local header begins, 0 when there is less than `leastBytes` of it, or the size is not in the header but after the data. */
function dataStart(mark: Uint8Array, leastBytes: number): number {
  const view = new DataView(mark.buffer, mark.byteOffset, LOCAL_HEADER_BYTES);
  if (view.getUint32(18, true) < leastBytes) return 0;
  return LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}
