import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { FormatError, NewerFormatError } from '../../../base/errors.ts';
import { giveBack } from '../../../base/give-back.ts';
import { system } from '../../../sys/system.ts';
import { RunFilter } from './filter.ts';
import { KEY_BYTES, type Location, ROW_BYTES, readLocation } from './row.ts';

/**
 * A run: an immutable file of index rows sorted by key, in checksummed pages. Layout in docs/formats.md, "Index runs".
 * Rows per page are fixed and keys uniformly distributed, so a row is found by interpolation: nearly always one page is looked at.
 */
export const PAGE_BYTES = 4096;
export const ROWS_PER_PAGE = Math.floor((PAGE_BYTES - 4) / ROW_BYTES);
const MAGIC = 'VARVEIDX';
const VERSION = 1;
/** Runs up to this size are read whole at the first look; of larger ones so many pages are kept. */
const WHOLE_BYTES = 256 * 1024;
const CACHED_PAGES = 64;
/** Runs of more rows have no filter: it would take more memory than a thread should spend. */
const MAX_FILTERED_ROWS = 2 ** 20;

/** Which part of a segment a run has indexed. */
export interface Coverage {
  /** UUID as 32 hexadecimal digits. */
  readonly segment: string;
  /** End of the last indexed record. */
  readonly end: number;
}

/** Reads one run. Not for sharing between threads. Throws FormatError where the file is damaged, NewerFormatError at once where it is of a newer format. */
export class Run {
  readonly path: string;
  readonly rows: number;
  readonly coverage: readonly Coverage[];
  readonly #fd: number;
  readonly #pages: number;
  /** The slot in #slab of each page that is kept, oldest first. */
  readonly #slots = new Map<number, number>();
  /** One piece of memory for all kept pages: thousands of small ones that come and go would tear the heap to pieces. */
  #slab: Uint8Array | undefined;
  #whole: Uint8Array | undefined;
  #filter: RunFilter | undefined;
  /** Without the filter. */
  #looks = 0;
  readonly #checked: Uint8Array;
  #isClosed = false;

  constructor(path: string) {
    this.path = path;
    this.#fd = fs.openSync(path, 'r');
    try {
      checkVersion(this.#read(0, MAGIC.length + 4));
      const header = this.#read(0, PAGE_BYTES);
      checkPage(header, 0);
      const view = new DataView(header.buffer, header.byteOffset);
      this.rows = Number(view.getBigUint64(12, true));
      const segments = view.getUint32(20, true);
      this.#pages = Math.ceil(this.rows / ROWS_PER_PAGE);
      const size = fs.fstatSync(this.#fd).size;
      const tail = PAGE_BYTES * (this.#pages + 1);
      if (size !== tail + segments * 24 + 4) throw new FormatError('index run', 'has another size than its header says');
      this.coverage = decodeCoverage(this.#read(tail, size - tail), segments);
      this.#checked = new Uint8Array(this.#pages);
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  /** Idempotent: the number of a descriptor that is closed may be another file's by then. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    fs.closeSync(this.#fd);
    for (const pages of [this.#slab, this.#whole]) if (pages !== undefined) giveBack(pages);
    this.#slab = undefined;
    this.#whole = undefined;
  }

  /** The location of the block with this hash in a segment that `usable` accepts, or undefined. */
  find(hash: Uint8Array, usable: (segment: string) => boolean): Location | undefined {
    if (this.rows === 0 || !this.#mayHave(hash)) return undefined;
    const wanted = key48(hash, 0);
    let low = 0;
    let high = this.#pages - 1;
    let guess = Math.min(high, Math.floor((wanted / 2 ** 48) * (this.rows / ROWS_PER_PAGE)));
    while (low <= high) {
      const page = this.page(guess);
      const rows = this.rowsOf(guess);
      if (compareKeys(hash, 0, page, 0) < 0) high = guess - 1;
      else if (compareKeys(hash, 0, page, (rows - 1) * ROW_BYTES) > 0) low = guess + 1;
      else return this.#findInPage(guess, rows, hash, wanted, usable);
      // A step to the neighbour first: interpolation is seldom off by more.
      guess = high < guess ? Math.max(low, guess - 1) : Math.min(high, guess + 1);
      if (guess < low || guess > high) return undefined;
    }
    return undefined;
  }

  /** Number of rows on page `number`. */
  rowsOf(number: number): number {
    return number < this.#pages - 1 ? ROWS_PER_PAGE : this.rows - (this.#pages - 1) * ROWS_PER_PAGE;
  }

  get pages(): number {
    return this.#pages;
  }

  /** The checked bytes of a page, which stay as they are until many others have been asked for. */
  page(number: number): Uint8Array {
    if (this.#whole === undefined && this.#pages * PAGE_BYTES <= WHOLE_BYTES)
      this.#whole = this.#read(PAGE_BYTES, this.#pages * PAGE_BYTES);
    if (this.#whole !== undefined) {
      const page = this.#whole.subarray(number * PAGE_BYTES, (number + 1) * PAGE_BYTES);
      if (this.#checked[number] === 0) {
        checkPage(page, number + 1);
        this.#checked[number] = 1;
      }
      return page;
    }
    this.#slab ??= new Uint8Array(CACHED_PAGES * PAGE_BYTES);
    const kept = this.#slots.get(number);
    const slot = kept ?? this.#freeSlot();
    const page = this.#slab.subarray(slot * PAGE_BYTES, (slot + 1) * PAGE_BYTES);
    if (kept !== undefined) return page;
    try {
      this.#readInto(page, PAGE_BYTES * (number + 1));
      checkPage(page, number + 1);
    } catch (error) {
      // The slot is nobody's now, and which ones are free is told by how many are taken.
      this.#slots.clear();
      throw error;
    }
    this.#slots.set(number, slot);
    return page;
  }

  /** The location in row `row` of a page of this run. */
  location(page: Uint8Array, row: number): Location {
    const { segment, ...rest } = readLocation(page, row * ROW_BYTES);
    const covered = this.coverage[segment];
    if (covered === undefined) throw new FormatError('index run', `row names segment ${segment} of ${this.coverage.length}`);
    return { segment: covered.segment, ...rest };
  }

  #mayHave(hash: Uint8Array): boolean {
    if (this.rows > MAX_FILTERED_ROWS) return true;
    if (this.#filter === undefined) {
      // To make it takes as long as a look into each page, which few looks are not worth.
      if (this.#looks++ < this.#pages) return true;
      const filter = new RunFilter(this.rows);
      for (let number = 0; number < this.#pages; number++) filter.addPage(this.page(number), this.rowsOf(number));
      this.#filter = filter;
    }
    return this.#filter.mayHave(hash);
  }

  #freeSlot(): number {
    if (this.#slots.size < CACHED_PAGES) return this.#slots.size;
    const [oldest, slot] = this.#slots.entries().next().value as [number, number];
    this.#slots.delete(oldest);
    return slot;
  }

  #findInPage(number: number, rows: number, hash: Uint8Array, wanted: number, usable: (segment: string) => boolean): Location | undefined {
    const page = this.page(number);
    let low = 0;
    let high = rows - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = key48(page, middle * ROW_BYTES);
      const order = wanted - found || compareKeys(hash, 0, page, middle * ROW_BYTES);
      if (order === 0) return this.#firstUsable(number * ROWS_PER_PAGE + middle, hash, usable);
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return undefined;
  }

  /** The first usable of the rows around `row` that are of one block: copies in several segments stand side by side, perhaps on two pages. */
  #firstUsable(row: number, hash: Uint8Array, usable: (segment: string) => boolean): Location | undefined {
    let first = row;
    while (first > 0 && this.#isOf(first - 1, hash)) first--;
    for (let at = first; at < this.rows && this.#isOf(at, hash); at++) {
      const location = this.location(this.page(Math.floor(at / ROWS_PER_PAGE)), at % ROWS_PER_PAGE);
      if (usable(location.segment)) return location;
    }
    return undefined;
  }

  #isOf(row: number, hash: Uint8Array): boolean {
    return compareKeys(this.page(Math.floor(row / ROWS_PER_PAGE)), (row % ROWS_PER_PAGE) * ROW_BYTES, hash, 0) === 0;
  }

  #read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#readInto(bytes, at);
    return bytes;
  }

  #readInto(bytes: Uint8Array, at: number): void {
    if (fs.readSync(this.#fd, bytes, 0, bytes.length, at) !== bytes.length) throw new FormatError('index run', 'cut short', at);
  }
}

/**
 * Writes a run from sorted rows (`ROW_BYTES` each, whose segment numbers index `coverage`), given in pieces of any number of whole rows. The file appears under its
 * name when it is complete. It is not synced: a run that a power cut tears is recognised and made again from the segments.
 */
export function writeRun(path: string, pieces: Iterable<Uint8Array>, coverage: readonly Coverage[]): void {
  const temporary = `${path}.tmp`;
  const pages = new Uint8Array(PAGE_BYTES * 64);
  const fd = fs.openSync(temporary, 'wx', 0o600);
  try {
    let rows = 0;
    let at = PAGE_BYTES;
    let used = 0; // bytes of `pages` holding complete pages
    let row = 0; // rows on the page in work
    const endPage = () => {
      const page = pages.subarray(used, used + PAGE_BYTES);
      page.fill(0, row * ROW_BYTES, PAGE_BYTES - 4);
      sealPage(page);
      used += PAGE_BYTES;
      row = 0;
      if (used === pages.length) {
        system().write(fd, pages, at);
        at += used;
        used = 0;
      }
    };
    for (const piece of pieces) {
      for (let from = 0; from < piece.length; ) {
        const take = Math.min((piece.length - from) / ROW_BYTES, ROWS_PER_PAGE - row);
        pages.set(piece.subarray(from, from + take * ROW_BYTES), used + row * ROW_BYTES);
        row += take;
        rows += take;
        from += take * ROW_BYTES;
        if (row === ROWS_PER_PAGE) endPage();
      }
    }
    if (row > 0) endPage();
    system().write(fd, pages.subarray(0, used), at);
    system().write(fd, encodeCoverage(coverage), at + used);
    system().write(fd, encodeHeader(rows, coverage.length), 0);
  } catch (error) {
    fs.closeSync(fd);
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  fs.closeSync(fd);
  giveBack(pages);
  fs.renameSync(temporary, path);
}

/** Byte order of two keys. */
export function compareKeys(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let i = 0; i < KEY_BYTES; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The first six bytes of a key as a number: its order, nearly always. */
function key48(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)) * 2 ** 24 +
    (((bytes[at + 3] as number) << 16) | ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number))
  );
}

/** The version stands before all checksums, which a newer format may have elsewhere. */
function checkVersion(bytes: Uint8Array): void {
  if (Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) throw new FormatError('index run', 'wrong magic', 0);
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (version > VERSION) throw new NewerFormatError('an index run', version, VERSION);
}

function sealPage(page: Uint8Array): void {
  new DataView(page.buffer, page.byteOffset).setUint32(PAGE_BYTES - 4, crc32(page.subarray(0, PAGE_BYTES - 4)), true);
}

function checkPage(page: Uint8Array, number: number): void {
  const stored = new DataView(page.buffer, page.byteOffset).getUint32(PAGE_BYTES - 4, true);
  if (stored !== crc32(page.subarray(0, PAGE_BYTES - 4)))
    throw new FormatError('index run', 'checksum of a page differs', PAGE_BYTES * number);
}

function encodeHeader(rows: number, segments: number): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  page.set(Buffer.from(MAGIC, 'latin1'));
  const view = new DataView(page.buffer);
  view.setUint32(8, VERSION, true);
  view.setBigUint64(12, BigInt(rows), true);
  view.setUint32(20, segments, true);
  sealPage(page);
  return page;
}

function encodeCoverage(coverage: readonly Coverage[]): Uint8Array {
  const bytes = Buffer.alloc(coverage.length * 24 + 4);
  coverage.forEach(({ segment, end }, i) => {
    bytes.write(segment, i * 24, 'hex');
    bytes.writeBigUInt64LE(BigInt(end), i * 24 + 16);
  });
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function decodeCoverage(bytes: Uint8Array, segments: number): Coverage[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.readUInt32LE(buffer.length - 4) !== crc32(buffer.subarray(0, -4)))
    throw new FormatError('index run', 'checksum of its segments differs');
  return Array.from({ length: segments }, (_, i) => ({
    segment: buffer.toString('hex', i * 24, i * 24 + 16),
    end: Number(buffer.readBigUInt64LE(i * 24 + 16)),
  }));
}
