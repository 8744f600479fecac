/**
 * The blocks that the threads of one process have added since the work began: a set of bare hashes in shared memory, so that two threads
 * do not both store a block that neither can find in the index yet. Whoever claims a block first stores it.
 *
 * It is bounded and lossy in the harmless direction: when it is full, a claim succeeds without being remembered, and a block may be
 * stored twice. A claim of a thread that then fails makes the whole operation fail, since its flush does.
 *
 * Invariants: a slot goes from empty to taken to ready and never back; a ready slot's hash never changes.
 */
export interface ClaimsMemory {
  readonly states: SharedArrayBuffer;
  readonly hashes: SharedArrayBuffer;
}

const EMPTY = 0;
const TAKEN = 1;
const READY = 2;
const KEY_WORDS = 5; // 20 bytes: as many as the index keeps
const MAX_PROBES = 64;

/** Memory for at most about `slots` claims; untouched pages cost nothing. `slots` must be a power of two. */
export function allocateClaims(slots = 1 << 20): ClaimsMemory {
  return { states: new SharedArrayBuffer(slots), hashes: new SharedArrayBuffer(slots * KEY_WORDS * 4) };
}

export class Claims {
  readonly #states: Uint8Array;
  readonly #hashes: Int32Array;
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #keyBytes = new Uint8Array(this.#key.buffer);

  constructor(memory: ClaimsMemory) {
    this.#states = new Uint8Array(memory.states);
    this.#hashes = new Int32Array(memory.hashes);
  }

  /** True when the caller is the first to claim this hash, and so has to store the block. */
  claim(hash: Uint8Array): boolean {
    for (let i = 0; i < KEY_WORDS * 4; i++) this.#keyBytes[i] = hash[i] as number;
    const mask = this.#states.length - 1;
    let slot = (this.#key[2] as number) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) & mask) {
      let state = Atomics.load(this.#states, slot);
      if (state === EMPTY) {
        state = Atomics.compareExchange(this.#states, slot, EMPTY, TAKEN);
        if (state === EMPTY) {
          this.#hashes.set(this.#key, slot * KEY_WORDS);
          Atomics.store(this.#states, slot, READY);
          return true;
        }
      }
      // Another thread is between two stores here; it will be ready within nanoseconds.
      while (state === TAKEN) state = Atomics.load(this.#states, slot);
      if (this.#holds(slot)) return false;
    }
    return true;
  }

  /** True when some thread has claimed this hash. */
  has(hash: Uint8Array): boolean {
    for (let i = 0; i < KEY_WORDS * 4; i++) this.#keyBytes[i] = hash[i] as number;
    const mask = this.#states.length - 1;
    let slot = (this.#key[2] as number) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) & mask) {
      const state = Atomics.load(this.#states, slot);
      if (state === EMPTY) return false;
      if (state === READY && this.#holds(slot)) return true;
    }
    return false;
  }

  #holds(slot: number): boolean {
    const from = slot * KEY_WORDS;
    for (let i = 0; i < KEY_WORDS; i++) if (this.#hashes[from + i] !== this.#key[i]) return false;
    return true;
  }
}
