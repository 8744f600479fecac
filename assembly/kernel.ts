/**
 * The chunking kernel: the vector twin of `src/chunk/reference.ts`, which explains the algorithm. Both must give equal answers for all input;
 * a property test holds them to it. All positions are addresses in the imported memory. Vector loads may touch up to 80 bytes after
 * the end of the data they were given; what stands there never changes an answer.
 */

/** Bytes that the sieve hash of a position covers: those just before it. */
const SIEVE_WINDOW: usize = 6;
/** Positions examined at once. */
const STRIDE: usize = 64;

let sieve0: v128 = i16x8.splat(1);
let sieve1: v128 = i16x8.splat(1);
let sieve2: v128 = i16x8.splat(1);
let sieveLimit: i32 = i32(i16.MIN_VALUE);

let confirm0: u32 = 1;
let confirm1: u32 = 1;
let confirm2: u32 = 1;
let confirm3: u32 = 1;
let confirm4: u32 = 1;
let confirm5: u32 = 1;
let confirm6: u32 = 1;
let confirm7: u32 = 1;

/** Multipliers of the sieve, and the signed 16-bit value below which a sieve hash is a candidate. */
export function setSieve(a: i32, b: i32, c: i32, limit: i32): void {
  sieve0 = i16x8.splat(i16(a));
  sieve1 = i16x8.splat(i16(b));
  sieve2 = i16x8.splat(i16(c));
  sieveLimit = limit;
}

/** Multipliers of the confirming hash, first word first. */
export function setConfirm(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32, h: u32): void {
  confirm0 = a;
  confirm1 = b;
  confirm2 = c;
  confirm3 = d;
  confirm4 = e;
  confirm5 = f;
  confirm6 = g;
  confirm7 = h;
}

// @ts-ignore: decorator
@inline
function sieveHash(at: usize, a: v128, b: v128, c: v128): v128 {
  return i16x8.add(i16x8.add(i16x8.mul(v128.load(at), a), i16x8.mul(v128.load(at, 2), b)), i16x8.mul(v128.load(at, 4), c));
}

/** The least sieve hashes of the 64 positions whose windows begin at `at`, lane by lane. */
// @ts-ignore: decorator
@inline
function leastOfStride(at: usize, a: v128, b: v128, c: v128): v128 {
  const first = i16x8.min_s(sieveHash(at, a, b, c), sieveHash(at + 1, a, b, c));
  const second = i16x8.min_s(sieveHash(at + 16, a, b, c), sieveHash(at + 17, a, b, c));
  const third = i16x8.min_s(sieveHash(at + 32, a, b, c), sieveHash(at + 33, a, b, c));
  const fourth = i16x8.min_s(sieveHash(at + 48, a, b, c), sieveHash(at + 49, a, b, c));
  return i16x8.min_s(i16x8.min_s(first, second), i16x8.min_s(third, fourth));
}

/** Bit k is set when the sieve hash of the window at `at + k` is below `limit`, for k in 0…15. Even and odd positions come from two loads. */
// @ts-ignore: decorator
@inline
function belowMask16(at: usize, a: v128, b: v128, c: v128, limit: v128): u64 {
  const even = i16x8.lt_s(sieveHash(at, a, b, c), limit);
  const odd = i16x8.lt_s(sieveHash(at + 1, a, b, c), limit);
  return u64(i8x16.bitmask(v128.bitselect(even, odd, i16x8.splat(0x00ff))));
}

// @ts-ignore: decorator
@inline
function belowMask64(at: usize, a: v128, b: v128, c: v128, limit: v128): u64 {
  return (
    belowMask16(at, a, b, c, limit) |
    (belowMask16(at + 16, a, b, c, limit) << 16) |
    (belowMask16(at + 32, a, b, c, limit) << 32) |
    (belowMask16(at + 48, a, b, c, limit) << 48)
  );
}

/** The confirming hash of the 32 bytes before `at`: a keyed sum of words, finished as in MurmurHash3 (fmix32). */
// @ts-ignore: decorator
@inline
function confirmHash(at: usize): u32 {
  const from = at - 32;
  let hash =
    load<u32>(from) * confirm0 +
    load<u32>(from, 4) * confirm1 +
    load<u32>(from, 8) * confirm2 +
    load<u32>(from, 12) * confirm3 +
    load<u32>(from, 16) * confirm4 +
    load<u32>(from, 20) * confirm5 +
    load<u32>(from, 24) * confirm6 +
    load<u32>(from, 28) * confirm7;
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35;
  return hash ^ (hash >> 16);
}

/** Of the candidates that the last search refused: the first of those with the least confirming hash, 0 when there was none, and that hash. */
let refused: usize = 0;
let refusedHash: u32 = 0;

export function refusedPosition(): usize {
  return refused;
}

export function refusedConfirmHash(): u32 {
  return refusedHash;
}

/** The first position p, from < p ≤ to, that passes the sieve and whose confirming hash is below `limit`; 0 when there is none. */
export function search(from: usize, to: usize, limit: u32): usize {
  const a = sieve0;
  const b = sieve1;
  const c = sieve2;
  const threshold = i16x8.splat(i16(sieveLimit));
  refused = 0;
  refusedHash = u32.MAX_VALUE;
  for (let at = from + 1; at <= to; at += STRIDE) {
    const window = at - SIEVE_WINDOW;
    if (!v128.any_true(i16x8.lt_s(leastOfStride(window, a, b, c), threshold))) continue;
    for (let mask = belowMask64(window, a, b, c, threshold); mask != 0; mask &= mask - 1) {
      const candidate = at + usize(ctz(mask));
      if (candidate > to) return 0;
      const hash = confirmHash(candidate);
      if (hash < limit) return candidate;
      if (hash < refusedHash || refused == 0) {
        refused = candidate;
        refusedHash = hash;
      }
    }
  }
  return 0;
}

/**
 * The position p, from < p ≤ to, with the least sieve hash; among equals that with the least confirming hash; among equals the first.
 * Needs from < to.
 */
export function strongest(from: usize, to: usize): usize {
  const a = sieve0;
  const b = sieve1;
  const c = sieve2;
  const least = leastSieveHash(from, to, a, b, c);
  // Nothing is below the least, so "below least + 1" means "equal to the least". The sum cannot overflow for keyed sieves
  // except when every hash is 32767, where every position is a candidate anyhow.
  const all = least == i32(i16.MAX_VALUE);
  const threshold = i16x8.splat(i16(all ? least : least + 1));
  let best: usize = 0;
  let bestHash: u32 = 0;
  for (let at = from + 1; at <= to; at += STRIDE) {
    let mask = all ? ~(<u64>0) : belowMask64(at - SIEVE_WINDOW, a, b, c, threshold);
    for (; mask != 0; mask &= mask - 1) {
      const candidate = at + usize(ctz(mask));
      if (candidate > to) break;
      const hash = confirmHash(candidate);
      if (best == 0 || hash < bestHash) {
        best = candidate;
        bestHash = hash;
      }
    }
  }
  return best;
}

/** The least sieve hash of the positions p, from < p ≤ to. */
function leastSieveHash(from: usize, to: usize, a: v128, b: v128, c: v128): i32 {
  let vector = i16x8.splat(i16.MAX_VALUE);
  let at = from + 1;
  for (; at + STRIDE <= to + 1; at += STRIDE) vector = i16x8.min_s(vector, leastOfStride(at - SIEVE_WINDOW, a, b, c));
  vector = i16x8.min_s(vector, v128.shuffle<i16>(vector, vector, 4, 5, 6, 7, 0, 1, 2, 3));
  vector = i16x8.min_s(vector, v128.shuffle<i16>(vector, vector, 2, 3, 0, 1, 6, 7, 4, 5));
  vector = i16x8.min_s(vector, v128.shuffle<i16>(vector, vector, 1, 0, 3, 2, 5, 4, 7, 6));
  let least = i32(i16x8.extract_lane_s(vector, 0));
  const a0 = i32(i16x8.extract_lane_s(a, 0));
  const b0 = i32(i16x8.extract_lane_s(b, 0));
  const c0 = i32(i16x8.extract_lane_s(c, 0));
  for (; at <= to; at++) {
    const window = at - SIEVE_WINDOW;
    const hash = i32(i16(i32(load<u16>(window)) * a0 + i32(load<u16>(window, 2)) * b0 + i32(load<u16>(window, 4)) * c0));
    if (hash < least) least = hash;
  }
  return least;
}

/**
 * The start of the first run of one byte that lies in [from, to), has at least `runBytes` bytes there and cannot be extended to the left without
 * passing `from`; 0 when there is none. Needs runBytes ≥ 32: every such run then holds a probe of 16 bytes.
 */
export function runFrom(from: usize, to: usize, runBytes: usize): usize {
  const step = runBytes >> 1;
  for (let at = from; at + 16 <= to; at += step) {
    const byte = load<u8>(at);
    if (!i8x16.all_true(i8x16.eq(v128.load(at), i8x16.splat(byte)))) continue;
    let start = at;
    while (start > from && load<u8>(start - 1) == byte) start--;
    if (runEnd(at, to) - start >= runBytes) return start;
  }
  return 0;
}

/** The first position in (at, to] where the run of the byte at `at` ends: that of another byte, or `to`. */
export function runEnd(at: usize, to: usize): usize {
  const byte = load<u8>(at);
  const pattern = i8x16.splat(byte);
  while (at + 64 <= to) {
    const first = v128.and(i8x16.eq(v128.load(at), pattern), i8x16.eq(v128.load(at, 16), pattern));
    const second = v128.and(i8x16.eq(v128.load(at, 32), pattern), i8x16.eq(v128.load(at, 48), pattern));
    if (!i8x16.all_true(v128.and(first, second))) break;
    at += 64;
  }
  while (at < to && load<u8>(at) == byte) at++;
  return at;
}
