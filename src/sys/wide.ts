/**
 * Numbers of 64 bits out of words of 32, without a bigint on the way: for what is read of every file.
 */
const pair = new Uint32Array(2);
const signed = new BigInt64Array(pair.buffer);
const unsigned = new BigUint64Array(pair.buffer);

const BILLION = 1_000_000_000;
const LEAST_TIME = -(2n ** 63n);
const GREATEST_TIME = 2n ** 63n - 1n;

/** Two words, little-endian, as one number without a sign. */
export function wide(low: number, high: number): bigint {
  pair[0] = low;
  pair[1] = high;
  return unsigned[0] as bigint;
}

/** Seconds (two words; the upper one may have a sign or be without one) × 10^9 + nanoseconds. What lies beyond 64 bits (the year 2262) stays at the bound. */
export function inNanoseconds(low: number, high: number, nanoseconds: number): bigint {
  multiply(low, high, nanoseconds);
  return signed[0] as bigint;
}

/** The same, written to byte `at` of `into`, little-endian. */
export function writeNanoseconds(into: DataView, at: number, low: number, high: number, nanoseconds: number): void {
  multiply(low, high, nanoseconds);
  into.setUint32(at, pair[0] as number, true);
  into.setUint32(at + 4, pair[1] as number, true);
}

/** Leaves the result in `pair`. The product is made of halves of 16 bits. */
function multiply(low: number, high: number, nanoseconds: number): void {
  const upper = high | 0;
  if (upper > 2 || upper < -3) return setBound(upper < 0);
  const lowest = (low & 0xffff) * BILLION + nanoseconds;
  const middle = (upper * 0x10000 + (low >>> 16)) * BILLION + Math.floor(lowest / 0x10000);
  const top = Math.floor(middle / 0x10000);
  if (top >= 0x8000_0000 || top < -0x8000_0000) return setBound(top < 0);
  pair[0] = (middle - top * 0x10000) * 0x10000 + (lowest % 0x10000);
  pair[1] = top;
}

function setBound(isLeast: boolean): void {
  signed[0] = isLeast ? LEAST_TIME : GREATEST_TIME;
}
