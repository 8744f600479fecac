import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const PAGE_BYTES = 4096;
const ROWS = 127;

/** A row of an index run, its segment by UUID. */
export interface FoundRow {
  /** The first 20 bytes of the hash, in hexadecimal digits. */
  readonly key: string;
  readonly segment: string;
  readonly offset: number;
  readonly recordBytes: number;
  readonly block: number;
}

/** Reads an index run as docs/formats.md describes it; `coverage` says up to where it has indexed each segment. */
export function readIndexRun(file: string): { readonly rows: readonly FoundRow[]; readonly coverage: ReadonlyMap<string, number> } {
  const bytes = readFileSync(file);
  const count = Number(bytes.readBigUInt64LE(12));
  const pages = Math.ceil(count / ROWS);
  const segments = readCoverage(bytes.subarray(PAGE_BYTES * (1 + pages)), bytes.readUInt32LE(20));
  if (bytes.toString('latin1', 0, 8) !== 'VARVEIDX' || bytes.readUInt32LE(8) !== 1) throw new Error('magic or version of a run');
  for (let page = 0; page <= pages; page++) checkPage(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
  const rows: FoundRow[] = [];
  for (let i = 0; i < count; i++) {
    const at = PAGE_BYTES * (1 + Math.floor(i / ROWS)) + 32 * (i % ROWS);
    const [segment] = segments[bytes.readUInt16LE(at + 20)] as [string, number];
    const key = bytes.toString('hex', at, at + 20);
    const before = rows[i - 1];
    if (before && (key < before.key || (key === before.key && segment === before.segment))) throw new Error('rows out of order');
    rows.push({
      key,
      segment,
      offset: bytes.readUIntLE(at + 22, 5),
      recordBytes: bytes.readUIntLE(at + 27, 3),
      block: bytes.readUInt16LE(at + 30),
    });
  }
  return { rows, coverage: new Map(segments) };
}

function checkPage(page: Buffer): void {
  if (page.readUInt32LE(PAGE_BYTES - 4) !== crc32(page.subarray(0, PAGE_BYTES - 4))) throw new Error('checksum of a page');
}

/** What stands behind the pages, to the end of the file. */
function readCoverage(bytes: Buffer, count: number): [string, number][] {
  const end = count * 24;
  if (bytes.length !== end + 4 || bytes.readUInt32LE(end) !== crc32(bytes.subarray(0, end))) throw new Error('coverage of a run');
  return Array.from({ length: count }, (_, i) => [bytes.toString('hex', i * 24, i * 24 + 16), Number(bytes.readBigUInt64LE(i * 24 + 16))]);
}
