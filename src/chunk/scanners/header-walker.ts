import type { Scanner } from '../types.ts';

/** Longest header that a parser may ask for. */
const MAX_HEADER_BYTES = 4096;

/** Asks for `bytes` bytes at offset `at` of the file, at or after the end of what was asked for before. */
export interface HeaderRequest {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Reads a format from header to header: yields a request, is given those bytes, which it must not keep, and so on. It returns when the format is
 * broken; at the end of the file it is just not resumed. Sizes that a header declares are to be checked only for being safe integers: offsets
 * beyond the end of the file do no harm.
 */
export type HeaderParser = Generator<HeaderRequest, void, Uint8Array>;

/** Runs a parser over slabs. Bodies between headers are skipped without being looked at. */
export class HeaderWalker implements Scanner {
  readonly #start: (suggest: (offset: number) => void) => HeaderParser;
  #parser: HeaderParser | undefined;
  #request: HeaderRequest | undefined;
  #offset = 0;
  /** The part of the requested header that came with earlier slabs. */
  readonly #partial = new Uint8Array(MAX_HEADER_BYTES);
  #partialBytes = 0;
  /** Where suggestions go during the call in hand. */
  #sink: (offset: number) => void = () => {};

  constructor(start: (suggest: (offset: number) => void) => HeaderParser) {
    this.#start = start;
  }

  scan(slab: Uint8Array, suggest: (offset: number) => void): void {
    this.#sink = suggest;
    if (!this.#parser) {
      this.#parser = this.#start((offset) => this.#sink(offset));
      this.#accept(this.#parser.next());
    }
    const slabEnd = this.#offset + slab.length;
    while (this.#request) {
      const { at, bytes } = this.#request;
      const from = at + this.#partialBytes - this.#offset;
      if (from >= slab.length) break;
      const part = slab.subarray(from, from + bytes - this.#partialBytes);
      if (this.#partialBytes + part.length < bytes) {
        this.#partial.set(part, this.#partialBytes);
        this.#partialBytes += part.length;
        break;
      }
      this.#accept(this.#parser.next(this.#whole(part, bytes)));
    }
    this.#offset = slabEnd;
  }

  #whole(part: Uint8Array, bytes: number): Uint8Array {
    if (this.#partialBytes === 0) return part;
    this.#partial.set(part, this.#partialBytes);
    this.#partialBytes = 0;
    return this.#partial.subarray(0, bytes);
  }

  #accept(step: IteratorResult<HeaderRequest, void>): void {
    const request = step.done ? undefined : step.value;
    const end = this.#request ? this.#request.at + this.#request.bytes : 0;
    const sound = request && request.at >= end && Number.isSafeInteger(request.at + request.bytes) && request.bytes <= MAX_HEADER_BYTES;
    this.#request = sound ? request : undefined;
  }
}
