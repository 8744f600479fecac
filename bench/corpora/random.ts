/** Numbers that are the same in every run: xorshift32 (G. Marsaglia, "Xorshift RNGs", 2003). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  /** A size between two bounds, small ones as likely as large ones on a scale of magnitudes. */
  size(smallest: number, largest: number): number {
    return Math.round(smallest * (largest / smallest) ** this.next());
  }

  /** Bytes that nothing compresses. `size` is rounded up to a multiple of 4. */
  bytes(size: number): Buffer {
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let at = 0; at < words.length; at++) words[at] = this.next() * 2 ** 32;
    return Buffer.from(words.buffer);
  }
}
