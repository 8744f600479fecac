const INITIAL_BYTES = 512;
const TWO_32 = 0x1_0000_0000;
/** Below this length a loop over the characters beats a call into the engine (measured on Node 26, x64). */
const SHORT_STRING = 24;

/**
 * Writes deterministic CBOR (RFC 8949 §4.2.1: shortest heads, definite lengths) into a buffer that grows and is used again.
 *
 * The writer cannot know what a caller means by a container, so two rules are the caller's: exactly the announced number of items follows
 * an `array` or a `map`, and the keys of a map come in ascending order of their encoded bytes.
 */
export class CborWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;

  /** Bytes written since the last `clear`. */
  get length(): number {
    return this.#length;
  }

  /** A whole number in [0, 2^53). */
  uint(value: number): void {
    this.#head(0x00, value);
  }

  /** A whole number in (−2^53, 2^53). */
  int(value: number): void {
    if (value < 0) this.#head(0x20, -1 - value);
    else this.#head(0x00, value);
  }

  /** A byte string. */
  bytes(value: Uint8Array): void {
    this.#head(0x40, value.length);
    this.raw(value);
  }

  /** A byte string given as one character a byte (see names.ts). */
  byteName(value: string): void {
    const size = value.length;
    this.#head(0x40, size);
    this.#reserve(size);
    if (size <= SHORT_STRING) {
      const bytes = this.#bytes;
      const at = this.#length;
      for (let i = 0; i < size; i++) bytes[at + i] = value.charCodeAt(i);
    } else {
      this.#bytes.write(value, this.#length, 'latin1');
    }
    this.#length += size;
  }

  /** A text string, in UTF-8. */
  text(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    this.#head(0x60, size);
    this.#reserve(size);
    this.#bytes.write(value, this.#length, 'utf8');
    this.#length += size;
  }

  /** The head of an array of `count` items, which follow. */
  array(count: number): void {
    this.#head(0x80, count);
  }

  /** The head of a map of `count` pairs, which follow: key, value, key, value. */
  map(count: number): void {
    this.#head(0xa0, count);
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value ? 0xf5 : 0xf4;
  }

  /** Bytes that are deterministic CBOR already. */
  raw(encoded: Uint8Array): void {
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  /** What was written, in a buffer of its own. */
  copy(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  /** What was written, as a view that the next call of any other method may change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  #head(major: number, value: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    const at = this.#length;
    if (value < 24) {
      bytes[at] = major | value;
      this.#length = at + 1;
    } else if (value < 0x100) {
      bytes[at] = major | 24;
      bytes[at + 1] = value;
      this.#length = at + 2;
    } else if (value < 0x10000) {
      bytes[at] = major | 25;
      bytes[at + 1] = value >>> 8;
      bytes[at + 2] = value;
      this.#length = at + 3;
    } else if (value < TWO_32) {
      bytes[at] = major | 26;
      bytes[at + 1] = value >>> 24;
      bytes[at + 2] = value >>> 16;
      bytes[at + 3] = value >>> 8;
      bytes[at + 4] = value;
      this.#length = at + 5;
    } else {
      bytes[at] = major | 27;
      bytes.writeUInt32BE(Math.floor(value / TWO_32), at + 1);
      bytes.writeUInt32BE(value % TWO_32, at + 5);
      this.#length = at + 9;
    }
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
