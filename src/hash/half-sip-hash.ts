/** Words of 32 bits. */
export interface HalfSipKey {
  readonly low: number;
  readonly high: number;
}

/**
 * HalfSipHash-1-3 with 64 bits of output: SipHash (Aumasson and Bernstein, 2012) for machines of 32 bits, with the rounds that Linux gives it in its tables (lib/siphash.c). Nobody who
 * does not know the key can find inputs that collide. It is no digest.
 *
 * Hashes the first `lengthBytes` of `words`, which are little-endian, and adds the two words of the result to `sum`, or takes them away with `times` -1, each modulo 2^32:
 * so whoever hashes a million short inputs makes no object for each.
 */
export function addHalfSipHash({ low, high }: HalfSipKey, words: Uint32Array, lengthBytes: number, sum: Uint32Array, times: 1 | -1): void {
  let v0 = low;
  let v1 = high ^ 0xee;
  let v2 = low ^ 0x6c796765;
  let v3 = high ^ 0x74656462;
  const whole = lengthBytes >> 2;
  const rounds = whole + 1 + 2 * LAST_ROUNDS;
  for (let round = 0; round < rounds; round++) {
    let word = 0;
    if (round < whole) word = words[round] as number;
    else if (round === whole) word = lastWord(words[whole], lengthBytes);
    else if (round === whole + 1) v2 ^= 0xee;
    else if (round === whole + 1 + LAST_ROUNDS) {
      sum[0] = (sum[0] as number) + times * (v1 ^ v3);
      v1 ^= 0xdd;
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  sum[1] = (sum[1] as number) + times * (v1 ^ v3);
}

const LAST_ROUNDS = 3;

/** What is left over of the input, with its length in the uppermost byte. */
function lastWord(word: number | undefined, lengthBytes: number): number {
  return (lengthBytes << 24) | ((word ?? 0) & ((1 << ((lengthBytes & 3) * 8)) - 1));
}
