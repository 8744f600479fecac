/**
 * A compact map from bare hashes to row numbers 0, 1, 2, … in the order of their adding. Open addressing over typed arrays: 4–8 bytes
 * a slot and the key bytes, no object per entry. Keys must be uniformly distributed, as hashes are.
 *
 * Invariants: every row's key is in exactly one slot; load stays at or below one half.
 */
export class DigestTable {
  readonly keyBytes: number;
  #keys: Uint8Array;
  #slots: Int32Array;
  #rows = 0;

  /** Only the first `keyBytes` bytes of a hash are kept and compared. */
  constructor(keyBytes: number, expectedRows = 1024) {
    this.keyBytes = keyBytes;
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expectedRows * 2)));
    this.#slots = new Int32Array(capacity).fill(-1);
    this.#keys = new Uint8Array((capacity / 2) * keyBytes);
  }

  get size(): number {
    return this.#rows;
  }

  /** The row of the hash at `at` in `bytes`, or -1. */
  find(bytes: Uint8Array, at = 0): number {
    const mask = this.#slots.length - 1;
    for (let slot = slotOf(bytes, at) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] as number;
      if (row < 0 || this.#matches(row, bytes, at)) return row;
    }
  }

  /** Adds the hash unless it is there; returns true when it was new. Its row is then `size - 1`. */
  add(bytes: Uint8Array, at = 0): boolean {
    if (this.find(bytes, at) >= 0) return false;
    if ((this.#rows + 1) * 2 > this.#slots.length) this.#grow();
    const to = this.#rows * this.keyBytes;
    for (let i = 0; i < this.keyBytes; i++) this.#keys[to + i] = bytes[at + i] as number;
    this.#place(this.#rows++);
    return true;
  }

  has(bytes: Uint8Array, at = 0): boolean {
    return this.find(bytes, at) >= 0;
  }

  /** All keys, row after row, as a view that is valid until the next `add`. */
  get keys(): Uint8Array {
    return this.#keys;
  }

  /** The key of a row, as a view that is valid until the next `add`. */
  key(row: number): Uint8Array {
    return this.#keys.subarray(row * this.keyBytes, (row + 1) * this.keyBytes);
  }

  clear(): void {
    this.#slots.fill(-1);
    this.#rows = 0;
  }

  #matches(row: number, bytes: Uint8Array, at: number): boolean {
    const from = row * this.keyBytes;
    for (let i = 0; i < this.keyBytes; i++) if (this.#keys[from + i] !== bytes[at + i]) return false;
    return true;
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#keys, row * this.keyBytes) & mask;
    while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
  }

  #grow(): void {
    const keys = new Uint8Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let row = 0; row < this.#rows; row++) this.#place(row);
  }
}

/** 32 bits of the hash; not its first bytes, by which sorted input comes. */
function slotOf(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at + 8] as number) | ((bytes[at + 9] as number) << 8) | ((bytes[at + 10] as number) << 16) | ((bytes[at + 11] as number) << 24)
  );
}
