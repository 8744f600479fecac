/**
 * The blocks that the threads of one process have added since the work began: a set of hashes in shared memory, so that two threads do not both store a block
 * that neither can find in the index yet. Whoever claims a block first stores it.
 *
 * It is bounded and lossy in the harmless direction: when it is full, a claim succeeds without being remembered, and a block may be stored twice. A claim of a
 * thread that then fails makes the whole operation fail, since its flush does.
 *
 * Tables of growing size are filled one after the other, so little work touches little memory.
 *
 * Invariants: until all are forgotten, a slot goes from empty to taken to ready and never back; a ready slot's hash never changes.
 */
export interface ClaimsMemory {
  readonly tables: readonly ClaimsTable[];
}

interface ClaimsTable {
  readonly states: SharedArrayBuffer;
  readonly hashes: SharedArrayBuffer;
  /** One number: how many slots are in use, about. */
  readonly used: SharedArrayBuffer;
}

const EMPTY = 0;
const TAKEN = 1;
const READY = 2;
const KEY_WORDS = 5; // 20 bytes: as many as the index keeps
/** Slots of the tables: in all some 250 000 claims in 7 MB. Blocks that were added longer ago are in the index, where the other threads find them. */
const TABLE_SLOTS = [1 << 13, 1 << 16, 1 << 18];

export function allocateClaims(): ClaimsMemory {
  return {
    tables: TABLE_SLOTS.map((slots) => ({
      states: new SharedArrayBuffer(slots),
      hashes: new SharedArrayBuffer(slots * KEY_WORDS * 4),
      used: new SharedArrayBuffer(4),
    })),
  };
}

/** Makes memory as good as new whose claims nobody asks for any more. */
export function forgetClaims({ tables }: ClaimsMemory): void {
  for (const { states, used } of tables) {
    const count = new Int32Array(used);
    if (count[0] === 0) continue;
    new Uint8Array(states).fill(EMPTY);
    count[0] = 0;
  }
}

interface TableView {
  readonly states: Uint8Array;
  readonly hashes: Int32Array;
  readonly used: Int32Array;
}

export class Claims {
  readonly #tables: readonly TableView[];
  readonly #key = new Int32Array(KEY_WORDS);
  readonly #keyBytes = new Uint8Array(this.#key.buffer);

  constructor(memory: ClaimsMemory) {
    this.#tables = memory.tables.map(({ states, hashes, used }) => ({
      states: new Uint8Array(states),
      hashes: new Int32Array(hashes),
      used: new Int32Array(used),
    }));
  }

  /** True when the caller is the first to claim the hash at `at` in `bytes`, and so has to store the block. */
  claim(bytes: Uint8Array, at: number): boolean {
    this.#setKey(bytes, at);
    for (const table of this.#tables) {
      const isFull = (Atomics.load(table.used, 0) as number) * 4 > table.states.length * 3;
      const slot = this.#find(table, !isFull);
      if (slot === FOUND) return false;
      if (slot === PLACED) return true;
    }
    return true;
  }

  /** True when some thread has claimed the hash. */
  has(bytes: Uint8Array, at: number): boolean {
    this.#setKey(bytes, at);
    return this.#tables.some((table) => this.#find(table, false) === FOUND);
  }

  #setKey(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < KEY_WORDS * 4; i++) this.#keyBytes[i] = bytes[at + i] as number;
  }

  /** Looks for the key; puts it into the first empty slot on the way when `place`. Tables are never quite full, so there is an empty slot. */
  #find({ states, hashes, used }: TableView, place: boolean): number {
    const mask = states.length - 1;
    for (let slot = (this.#key[2] as number) & mask; ; slot = (slot + 1) & mask) {
      let state = Atomics.load(states, slot);
      if (state === EMPTY) {
        if (!place) return ABSENT;
        state = Atomics.compareExchange(states, slot, EMPTY, TAKEN);
        if (state === EMPTY) {
          hashes.set(this.#key, slot * KEY_WORDS);
          Atomics.store(states, slot, READY);
          Atomics.add(used, 0, 1);
          return PLACED;
        }
      }
      // Another thread is between two stores here; it will be ready within nanoseconds.
      while (state === TAKEN) state = Atomics.load(states, slot);
      if (this.#holds(hashes, slot)) return FOUND;
    }
  }

  #holds(hashes: Int32Array, slot: number): boolean {
    const from = slot * KEY_WORDS;
    for (let i = 0; i < KEY_WORDS; i++) if (hashes[from + i] !== this.#key[i]) return false;
    return true;
  }
}

const ABSENT = 0;
const FOUND = 1;
const PLACED = 2;
