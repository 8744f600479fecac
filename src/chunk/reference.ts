import { mix } from './keys.ts';
import type { ChunkingKeys, Kernel } from './types.ts';

/** Bytes that the sieve hash of a position covers: those just before it. */
const SIEVE_WINDOW = 6;

/**
 * The chunking kernel in plain TypeScript: what `assembly/kernel.ts` does with vectors, one position at a time. Boundaries are the same, so a
 * machine without WebAssembly or a checkout without the built module loses speed alone.
 *
 * *Sieve, then confirm.* The sieve hash of a position is a keyed sum of the three little-endian 16-bit words before it, modulo 2^16, read as a signed
 * number; it is cheap enough to be computed for every position in vector lanes, and about one in a thousand falls below its limit. Six bytes are too few to
 * decide by (data of few symbols would be cut everywhere or nowhere), so a candidate is confirmed by a keyed hash of the 32 bytes before it.
 * Where nothing is confirmed up to the maximal block size, `strongest` yields a boundary that still depends on content alone.
 */
export class ReferenceKernel implements Kernel {
  readonly name = 'reference';
  readonly memory: Uint8Array;
  readonly #view: DataView;
  readonly #keys: ChunkingKeys;
  readonly #sieveLimit: number;

  /** Works on `memory`, which stays the caller's to fill. */
  constructor(memory: Uint8Array, keys: ChunkingKeys, sieveLimit: number) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#keys = keys;
    this.#sieveLimit = sieveLimit;
  }

  search(from: number, to: number, limit: number): number {
    for (let at = from + 1; at <= to; at++) {
      if (this.#sieveHash(at) < this.#sieveLimit && this.#confirmHash(at) < limit) return at;
    }
    return 0;
  }

  strongest(from: number, to: number): number {
    let best = 0;
    let bestSieve = Number.POSITIVE_INFINITY;
    let bestConfirm = 0;
    for (let at = from + 1; at <= to; at++) {
      const sieve = this.#sieveHash(at);
      if (sieve > bestSieve) continue;
      const confirm = this.#confirmHash(at);
      if (sieve < bestSieve || confirm < bestConfirm) {
        best = at;
        bestSieve = sieve;
        bestConfirm = confirm;
      }
    }
    return best;
  }

  runFrom(from: number, to: number, runBytes: number): number {
    for (let start = from; to - start >= runBytes; start = this.runEnd(start, to)) {
      if (this.runEnd(start, to) - start >= runBytes) return start;
    }
    return 0;
  }

  runEnd(at: number, to: number): number {
    const byte = this.memory[at];
    let end = at + 1;
    while (end < to && this.memory[end] === byte) end++;
    return end;
  }

  #sieveHash(at: number): number {
    const [a, b, c] = this.#keys.sieve;
    const { memory } = this;
    const window = at - SIEVE_WINDOW;
    const first = (memory[window] as number) | ((memory[window + 1] as number) << 8);
    const second = (memory[window + 2] as number) | ((memory[window + 3] as number) << 8);
    const third = (memory[window + 4] as number) | ((memory[window + 5] as number) << 8);
    return ((Math.imul(first, a) + Math.imul(second, b) + Math.imul(third, c)) << 16) >> 16;
  }

  /** The confirming hash of the 32 bytes before `at`: a keyed sum of their words, finished as in MurmurHash3. */
  #confirmHash(at: number): number {
    let sum = 0;
    for (let word = 0; word < 8; word++) {
      sum = (sum + Math.imul(this.#view.getUint32(at - 32 + 4 * word, true), this.#keys.confirm[word] as number)) | 0;
    }
    return mix(sum) >>> 0;
  }
}
