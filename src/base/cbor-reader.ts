import { FormatError } from './errors.ts';
import type { ByteName } from './names.ts';

const TWO_32 = 0x1_0000_0000;
const MAJOR_NAMES = [
  'an unsigned integer',
  'a negative integer',
  'a byte string',
  'a text string',
  'an array',
  'a map',
  'a tag',
  'a simple value',
];
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A strict cursor over deterministic CBOR (RFC 8949 §4.2.1). Every method reads one item at the cursor and moves behind it.
 *
 * Refused with FormatError, which names the structure and the offset: another type than asked for, a head longer than needed, an indefinite
 * length, an integer beyond 2^53, a length beyond the end of the input, text that is not UTF-8. Containers are read by their heads, item
 * after item, so nothing here recurses or allocates by a declared count.
 */
export class CborReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at: number;

  /** Reads `bytes`, which must not change meanwhile, from offset `at`; `what` names the structure in errors. */
  constructor(bytes: Uint8Array, what: string, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#at = at;
  }

  /** Offset of the next item. */
  get at(): number {
    return this.#at;
  }

  /** A whole number in [0, 2^53). */
  uint(): number {
    return this.#head(0);
  }

  /** A whole number in (−2^53, 2^53). */
  int(): number {
    if (this.major() !== 1) return this.#head(0);
    const value = -1 - this.#head(1);
    if (!Number.isSafeInteger(value)) this.fail('integer beyond 2^53');
    return value;
  }

  /** A byte string of at most `max` bytes, as a view of the input. */
  bytes(max = Number.MAX_SAFE_INTEGER): Uint8Array {
    const start = this.#string(2, max);
    return this.#bytes.subarray(start, this.#at);
  }

  /** A byte string of at most `max` bytes, as one character a byte (see names.ts). */
  byteName(max: number): ByteName {
    const start = this.#string(2, max);
    return this.#bytes.toString('latin1', start, this.#at) as ByteName;
  }

  /** A text string of at most `max` bytes. */
  text(max: number): string {
    const start = this.#string(3, max);
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      return this.fail('text is not valid UTF-8', start);
    }
  }

  /** The head of an array of at most `max` items, which follow: their number. */
  array(max: number): number {
    return this.#count(4, max, 1);
  }

  /** The head of a map of at most `max` pairs, which follow: their number. The order of the keys is for the caller to check. */
  map(max: number): number {
    return this.#count(5, max, 2);
  }

  boolean(): boolean {
    const lead = this.#bytes[this.#at];
    if (lead !== 0xf4 && lead !== 0xf5) this.fail('expected a boolean');
    this.#at++;
    return lead === 0xf5;
  }

  /** The major type of the next item (RFC 8949 §3.1), without moving. */
  major(): number {
    const lead = this.#bytes[this.#at];
    if (lead === undefined) return this.fail('cut short');
    return lead >>> 5;
  }

  /**
   * Moves behind one item of any supported type, however it is nested, checking heads and lengths but neither text nor the order of keys.
   */
  skip(): void {
    for (let items = 1; items > 0; items--) {
      const major = this.major();
      if (major <= 1) this.#head(major);
      else if (major <= 3) this.#string(major, Number.MAX_SAFE_INTEGER);
      else if (major === 4) items += this.#count(4, Number.MAX_SAFE_INTEGER, 1);
      else if (major === 5) items += 2 * this.#count(5, Number.MAX_SAFE_INTEGER, 2);
      else if (major === 7) this.boolean();
      else this.fail(`unexpected ${MAJOR_NAMES[major]}`);
    }
  }

  /** Moves behind one item as `skip` does; its encoded bytes, as a view of the input. */
  raw(): Uint8Array {
    const start = this.#at;
    this.skip();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Makes sure that nothing follows. */
  end(): void {
    if (this.#at !== this.#bytes.length) this.fail(`${this.#bytes.length - this.#at} bytes too many`);
  }

  /** Throws the FormatError of this structure, by default at the cursor. */
  fail(problem: string, at = this.#at): never {
    throw new FormatError(this.#what, problem, at);
  }

  #head(major: number): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const lead = bytes[at];
    if (lead === undefined) return this.fail('cut short');
    if (lead >>> 5 !== major) return this.fail(`expected ${MAJOR_NAMES[major]}, found ${MAJOR_NAMES[lead >>> 5]}`);
    const info = lead & 0x1f;
    if (info < 24) {
      this.#at = at + 1;
      return info;
    }
    if (info > 27) return this.fail(info === 31 ? 'indefinite length' : 'reserved head');
    const size = 1 << (info - 24);
    if (at + 1 + size > bytes.length) return this.fail('cut short');
    this.#at = at + 1 + size;
    return size === 8 ? this.#wide(at) : this.#narrow(at, size);
  }

  #narrow(at: number, size: number): number {
    const bytes = this.#bytes;
    const value = size === 1 ? (bytes[at + 1] as number) : size === 2 ? bytes.readUInt16BE(at + 1) : bytes.readUInt32BE(at + 1);
    const least = size === 1 ? 24 : size === 2 ? 0x100 : 0x10000;
    if (value < least) this.fail('head longer than needed', at);
    return value;
  }

  #wide(at: number): number {
    const high = this.#bytes.readUInt32BE(at + 1);
    if (high === 0) this.fail('head longer than needed', at);
    if (high >= 0x20_0000) this.fail('integer beyond 2^53', at);
    return high * TWO_32 + this.#bytes.readUInt32BE(at + 5);
  }

  /** Moves behind a string; where its bytes start. */
  #string(major: number, max: number): number {
    const before = this.#at;
    const size = this.#head(major);
    const start = this.#at;
    if (size > this.#bytes.length - start) this.fail('length beyond the end', before);
    if (size > max) this.fail(`length ${size} where ${max} is allowed`, before);
    this.#at = start + size;
    return start;
  }

  /** Every item takes a byte at least, so a count beyond what is left is a lie. */
  #count(major: number, max: number, itemsEach: number): number {
    const before = this.#at;
    const count = this.#head(major);
    if (count > (this.#bytes.length - this.#at) / itemsEach) this.fail('count beyond the end', before);
    if (count > max) this.fail(`count ${count} where ${max} is allowed`, before);
    return count;
  }
}
