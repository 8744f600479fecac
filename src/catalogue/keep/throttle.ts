/** What threads share of a throttle; a message. */
export type ThrottleMemory = SharedArrayBuffer;

/** Index of the moment, in ns of the process's monotonic clock, from which on all that was read is within the rate. */
const PAID = 0;
/** Index of the rate in bytes a second; 0: no bound. */
const RATE = 1;
const WORDS = 2;

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MS = 1_000_000;
/** A wait below this is not worth it: it is added to the next one. */
const LEAST_WAIT_MS = 10;

/**
 * Bounds how fast several threads read together. Whoever has read says how much, and is told how long to wait: so one clock is advanced for all of them, as in the generic
 * cell rate algorithm (ITU-T I.371). Time in which nobody reads is not saved up. An object belongs to one thread; the rate may be changed at any time, by any of them.
 */
export class Throttle {
  readonly memory: ThrottleMemory;
  readonly #words: BigInt64Array;

  /** Without `memory` it is a new one, without a bound. */
  constructor(memory: ThrottleMemory = new SharedArrayBuffer(WORDS * 8)) {
    this.memory = memory;
    this.#words = new BigInt64Array(memory);
  }

  /** Undefined for no bound. */
  set bytesPerSecond(rate: number | undefined) {
    Atomics.store(this.#words, RATE, rate === undefined ? 0n : BigInt(Math.max(1, Math.round(rate))));
  }

  /** Says that so many bytes were read; how many milliseconds to wait before more are. */
  spend(bytes: number): number {
    const rate = Atomics.load(this.#words, RATE);
    if (rate === 0n) return 0;
    const now = process.hrtime.bigint();
    const cost = (BigInt(bytes) * NS_PER_SECOND) / rate;
    for (;;) {
      const paid = Atomics.load(this.#words, PAID);
      const isBehind = paid > now;
      const next = (isBehind ? paid : now) + cost;
      if (Atomics.compareExchange(this.#words, PAID, paid, next) !== paid) continue;
      const waitMs = Number(next - now) / NS_PER_MS;
      return waitMs < LEAST_WAIT_MS ? 0 : waitMs;
    }
  }
}
