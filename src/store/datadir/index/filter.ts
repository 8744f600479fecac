import { ROW_BYTES } from './row.ts';

const BITS_PER_ROW = 12;
/** The words of a key that are probed. Keys are hashes: each word is as good as an independent hash of the rest. */
const WORDS = [0, 4, 8, 16] as const;

/**
 * Says of most keys that are not in a run that they are not (Bloom's filter: four probes in twelve bits a row, wrong once in some three hundred), so that a new block costs no look into the runs.
 * Made in memory from the run's own rows.
 */
export class RunFilter {
  readonly #bits: Uint8Array;
  readonly #mask: number;

  constructor(rows: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(64, rows * BITS_PER_ROW)));
    this.#bits = new Uint8Array(bits / 8);
    this.#mask = bits - 1;
  }

  /** Adds the keys of `rows` rows that stand one after another in `page`. */
  addPage(page: Uint8Array, rows: number): void {
    for (let row = 0; row < rows; row++) {
      for (const word of WORDS) {
        const bit = this.#bitAt(page, row * ROW_BYTES + word);
        this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] as number) | (1 << (bit & 7));
      }
    }
  }

  /** False when the key is certainly not there. */
  mayHave(key: Uint8Array): boolean {
    for (const word of WORDS) {
      const bit = this.#bitAt(key, word);
      if (((this.#bits[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #bitAt(bytes: Uint8Array, at: number): number {
    return (
      ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) &
      this.#mask
    );
  }
}
