import { FormatError } from '../../base/errors.ts';

/** Tags of a header that are read here (rpm's lib/rpmtag.h). */
export const RPM_TAGS = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  architecture: 1022,
  fileStates: 1029,
  fileModes: 1030,
  fileFlags: 1037,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
} as const;
export type RpmTag = keyof typeof RPM_TAGS;

/** Bounds of rpm itself (lib/header.c: hdrchkTags, hdrchkData). */
const MAX_ENTRIES = 0xffff;
const MAX_DATA_BYTES = 0x0fff_ffff;
const ENTRY_BYTES = 16;
const WHAT = 'header of an rpm package';

const CHAR = 1;
const INT8 = 2;
const INT16 = 3;
const INT32 = 4;
const STRING = 6;
const STRING_ARRAY = 8;
const I18N_STRING = 9;
const WIDTHS: Readonly<Record<number, number>> = { [CHAR]: 1, [INT8]: 1, [INT16]: 2, [INT32]: 4 };

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/**
 * A header as rpm's database keeps it: two big-endian lengths, an index of 16 bytes an entry (tag, type, offset, count), and the data.
 * Values are decoded when they are asked for, within the bounds of the data. All methods throw FormatError.
 */
export class RpmHeader {
  readonly #data: Buffer;
  readonly #entries = new Map<number, Entry>();

  constructor(bytes: Uint8Array) {
    const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (blob.length < 8) throw new FormatError(WHAT, 'too short', blob.length);
    const entries = blob.readUInt32BE(0);
    const dataBytes = blob.readUInt32BE(4);
    if (entries > MAX_ENTRIES || dataBytes > MAX_DATA_BYTES) throw new FormatError(WHAT, 'lengths out of bounds', 0);
    const start = 8 + entries * ENTRY_BYTES;
    if (start + dataBytes > blob.length) throw new FormatError(WHAT, 'lengths beyond its end', 0);
    this.#data = blob.subarray(start, start + dataBytes);
    for (let at = 8; at < start; at += ENTRY_BYTES) {
      const entry = { type: blob.readUInt32BE(at + 4), offset: blob.readUInt32BE(at + 8), count: blob.readUInt32BE(at + 12) };
      this.#entries.set(blob.readUInt32BE(at), entry);
    }
  }

  /** A text as its bytes; of one in several languages the first, which is English. Empty where it is not there. */
  text(tag: RpmTag): string {
    return this.#strings(tag, 1)[0] ?? '';
  }

  texts(tag: RpmTag): string[] {
    return this.#strings(tag, Number.POSITIVE_INFINITY);
  }

  numbers(tag: RpmTag): number[] {
    const entry = this.#entries.get(RPM_TAGS[tag]);
    if (entry === undefined) return [];
    const { type, offset, count } = entry;
    const width = WIDTHS[type];
    if (width === undefined) throw new FormatError(WHAT, `${tag} has type ${type}, which is no number`);
    if (offset + count * width > this.#data.length) throw new FormatError(WHAT, `${tag} goes beyond the data`, offset);
    return Array.from({ length: count }, (_, i) => this.#data.readUIntBE(offset + i * width, width));
  }

  #strings(tag: RpmTag, most: number): string[] {
    const entry = this.#entries.get(RPM_TAGS[tag]);
    if (entry === undefined) return [];
    if (![STRING, STRING_ARRAY, I18N_STRING].includes(entry.type))
      throw new FormatError(WHAT, `${tag} has type ${entry.type}, which is no text`);
    const found: string[] = [];
    let at = entry.offset;
    while (found.length < Math.min(most, entry.count)) {
      const end = this.#data.indexOf(0, at);
      if (at >= this.#data.length || end < 0) throw new FormatError(WHAT, `${tag} goes beyond the data`, at);
      found.push(this.#data.toString('latin1', at, end));
      at = end + 1;
    }
    return found;
  }
}
