import type { Scanner } from '../types.ts';

/** What begins a part of a file. */
export interface Mark {
  readonly pattern: Uint8Array;
  /** How many bytes after the beginning of the pattern the part begins; 0 when left out. */
  readonly shift?: number;
  /** How many bytes, at most 64, from the beginning of the pattern `matches` is given; the pattern's when left out. A mark near the end of the file, not followed by so many, is not seen. */
  readonly lookBytes?: number;
  /** Whether what looks like a mark is one; it is when left out. */
  matches?(bytes: Uint8Array): boolean;
  /** How many bytes after the beginning of the pattern a part within the part begins; 0 for none. */
  inner?(bytes: Uint8Array): number;
  /** A part is only set apart from the one before when that is at least so long. */
  readonly leastBytes: number;
}

/**
 * Suggests a boundary at every occurrence of a mark, however slabs cut it: for formats whose parts do not say how long they are. A mark that occurs by
 * chance costs a needless boundary, nothing else.
 */
export class PatternScanner implements Scanner {
  readonly #mark: Mark;
  readonly #pattern: Buffer;
  readonly #lookBytes: number;
  /** The last bytes of the slab before, of which a mark may have been the beginning. */
  #tail: Uint8Array = new Uint8Array(0);
  #offset = 0;
  /** Offset of the last mark. */
  #last = 0;

  constructor(mark: Mark) {
    this.#mark = mark;
    this.#pattern = Buffer.from(mark.pattern);
    this.#lookBytes = Math.max(mark.lookBytes ?? 0, mark.pattern.length);
  }

  scan(slab: Uint8Array, suggest: (offset: number) => void): void {
    const keep = this.#lookBytes - 1;
    const seam = Buffer.concat([this.#tail, slab.subarray(0, keep)]);
    this.#search(seam, this.#offset - this.#tail.length, this.#tail.length, suggest);
    this.#search(Buffer.from(slab.buffer, slab.byteOffset, slab.length), this.#offset, slab.length, suggest);
    this.#offset += slab.length;
    this.#tail = slab.length >= keep ? slab.slice(slab.length - keep) : Buffer.concat([this.#tail, slab]).subarray(-keep);
  }

  /** Marks that begin in the first `firstBytes` of `bytes`, which stand at `offset` of the file, and are there as a whole. */
  #search(bytes: Buffer, offset: number, firstBytes: number, suggest: (offset: number) => void): void {
    for (let at = bytes.indexOf(this.#pattern); at >= 0 && at < firstBytes; at = bytes.indexOf(this.#pattern, at + 1)) {
      if (at + this.#lookBytes > bytes.length) return;
      const mark = bytes.subarray(at, at + this.#lookBytes);
      if (this.#mark.matches?.(mark) === false) continue;
      const found = offset + at + (this.#mark.shift ?? 0);
      if (found - this.#last >= this.#mark.leastBytes) suggest(found);
      this.#last = found;
      const inner = this.#mark.inner?.(mark) ?? 0;
      if (inner > 0) suggest(offset + at + inner);
    }
  }
}
