import { mix } from './keys.ts';
import type { ChunkingKeys, Kernel } from './types.ts';

/** Bytes that the sieve hash of a position covers: those just before it. */
const SIEVE_WINDOW = 6;
/** Half of the least `runBytes`. */
const PROBE_BYTES = 16;
const HIGHEST_SIEVE_HASH = 32767;

/**
 * The chunking kernel in plain TypeScript: what `assembly/kernel.ts` does with vectors, one position at a time. Boundaries are the same, so a
 * machine without WebAssembly or a checkout without the built module loses speed alone.
 *
 * *Sieve, then confirm.* The sieve hash of a position is a keyed sum of the three little-endian 16-bit words before it, modulo 2^16, read as a signed
 * number; it is cheap enough to be computed for every position in vector lanes, and about one in a thousand falls below its limit. Six bytes are too few to
 * decide by (data of few symbols would be cut everywhere or nowhere), so a candidate is confirmed by a keyed hash of the 32 bytes before it.
 * Where none is confirmed up to the maximal block size, the best of the refused candidates is taken, and where there was no candidate either, `strongest`
 * yields a boundary: also these depend on content alone.
 */
export class ReferenceKernel implements Kernel {
  readonly name = 'reference';
  readonly memory: Uint8Array;
  readonly #view: DataView;
  readonly #keys: ChunkingKeys;
  readonly #sieveLimit: number;
  #refused = 0;
  #refusedHash = 0;

  /** Works on `memory`, which stays the caller's to fill. */
  constructor(memory: Uint8Array, keys: ChunkingKeys, sieveLimit: number) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#keys = keys;
    this.#sieveLimit = sieveLimit;
  }

  search(from: number, to: number, limit: number): number {
    this.#refused = 0;
    for (let at = this.#sieve(from, to, this.#sieveLimit); at !== 0; at = this.#sieve(at, to, this.#sieveLimit)) {
      const confirm = this.#confirmHash(at);
      if (confirm < limit) return at;
      if (this.#refused === 0 || confirm < this.#refusedHash) {
        this.#refused = at;
        this.#refusedHash = confirm;
      }
    }
    return 0;
  }

  refusedPosition(): number {
    return this.#refused;
  }

  refusedConfirmHash(): number {
    return this.#refusedHash;
  }

  strongest(from: number, to: number): number {
    let best = 0;
    let bestSieve = HIGHEST_SIEVE_HASH;
    let bestConfirm = Number.POSITIVE_INFINITY;
    for (let at = this.#sieve(from, to, bestSieve + 1); at !== 0; at = this.#sieve(at, to, bestSieve + 1)) {
      const sieve = this.#sieveHash(at);
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
    // Every run that is long enough holds one of these probes.
    for (let at = from; at + PROBE_BYTES <= to; at += runBytes >> 1) {
      if (this.runEnd(at, at + PROBE_BYTES) < at + PROBE_BYTES) continue;
      let start = at;
      while (start > from && this.memory[start - 1] === this.memory[at]) start--;
      if (this.runEnd(at, to) - start >= runBytes) return start;
    }
    return 0;
  }

  runEnd(at: number, to: number): number {
    const byte = this.memory[at];
    let end = at + 1;
    while (end < to && this.memory[end] === byte) end++;
    return end;
  }

  /** The first position p, from < p ≤ to, whose sieve hash is below `limit`; 0 when there is none. */
  #sieve(from: number, to: number, limit: number): number {
    const { memory } = this;
    const [a, b, c] = this.#keys.sieve;
    // Each position needs the words 6, 4 and 2 bytes before it, so a word is used by three of them.
    let word6 = this.#word(from - 5);
    let word5 = this.#word(from - 4);
    let word4 = this.#word(from - 3);
    let word3 = this.#word(from - 2);
    for (let at = from + 1; at <= to; at++) {
      const word2 = (memory[at - 2] as number) | ((memory[at - 1] as number) << 8);
      const hash = ((Math.imul(word6, a) + Math.imul(word4, b) + Math.imul(word2, c)) << 16) >> 16;
      if (hash < limit) return at;
      word6 = word5;
      word5 = word4;
      word4 = word3;
      word3 = word2;
    }
    return 0;
  }

  #sieveHash(at: number): number {
    const [a, b, c] = this.#keys.sieve;
    const window = at - SIEVE_WINDOW;
    const sum = Math.imul(this.#word(window), a) + Math.imul(this.#word(window + 2), b) + Math.imul(this.#word(window + 4), c);
    return (sum << 16) >> 16;
  }

  #word(at: number): number {
    return (this.memory[at] as number) | ((this.memory[at + 1] as number) << 8);
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
