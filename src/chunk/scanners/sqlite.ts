import type { Bounds, Format } from '../types.ts';
import { type HeaderParser, HeaderWalker } from './header-walker.ts';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;

/**
 * SQLite databases are changed in place, page by page, so blocks end at fixed multiples of the page size and nowhere else: a changed page changes
 * one block, and no boundary moves (https://sqlite.org/fileformat2.html, section 1.3).
 */
export const sqlite: Format = {
  name: 'sqlite',
  extensions: ['sqlite', 'sqlite3', 'db', 'db3'],
  exclusive: true,
  matches: (head) => Buffer.from(head.subarray(0, 16)).toString('latin1') === MAGIC,
  open: (bounds) => new HeaderWalker((suggest) => pages(bounds, suggest)),
};

function* pages(bounds: Bounds, suggest: (offset: number) => void): HeaderParser {
  const header = yield { at: 0, bytes: HEADER_BYTES };
  if (!sqlite.matches(header)) return;
  const declared = ((header[16] as number) << 8) | (header[17] as number);
  const pageBytes = declared === 1 ? 65536 : declared;
  if (pageBytes < 512 || (pageBytes & (pageBytes - 1)) !== 0) return;
  const step = Math.max(pageBytes, pageBytes * Math.floor(bounds.targetBytes / pageBytes));
  for (let at = step; ; at += step) {
    suggest(at);
    yield { at, bytes: 1 };
  }
}
