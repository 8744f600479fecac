import type { TestContext } from 'node:test';

/** Random numbers of a seed: the same on every machine, so that a failure can be played again. Xorshift by G. Marsaglia (2003), 32 bits. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.#next();
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('nothing to pick from');
    return from[this.below(from.length)] as T;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) bytes[at] = this.#next() >>> 8;
    return bytes;
  }

  #next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }
}

/** A size of a campaign from the environment, else the small one that every run of the tests can afford. */
export function sizeFromEnv(name: string, small: number): number {
  const text = process.env[name];
  if (text === undefined) return small;
  const size = Number(text);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error(`${name} is not a count: ${text}`);
  return size;
}

/** The generator of a campaign; its seed is printed with the test. */
export function campaignRandom(context: TestContext): Random {
  const seed = campaignSeed();
  context.diagnostic(`VARVE_SEED=${seed}`);
  return new Random(seed);
}

/** The seed of a campaign: `VARVE_SEED`, else a new one. It is to be printed. */
export function campaignSeed(): number {
  return sizeFromEnv('VARVE_SEED', Math.floor(Math.random() * 2 ** 31));
}
