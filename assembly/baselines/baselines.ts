/**
 * The chunkers that ours is measured against (bench/chunking), each as `cut(from, to, minBytes, target, maxBytes)`: the position in (from, to] at which the block that begins
 * at `from` ends, in data that ends at `to`.
 */

const GEAR: usize = memory.data(256 * 8);
const LANES: usize = memory.data(16);

/** Fills the gear table with words of SplitMix64. */
export function prepare(): void {
  let state: u64 = 0x243f6a8885a308d3;
  for (let index: usize = 0; index < 256; index++) {
    state += 0x9e3779b97f4a7c15;
    let word = state;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    store<u64>(GEAR + index * 8, word ^ (word >> 31));
  }
}

/** Gear with normalisation of level 2: FastCDC (Xia et al., USENIX ATC 2016). `target` is a power of two. */
export function gear(from: usize, to: usize, minBytes: usize, target: usize, maxBytes: usize): usize {
  const bits = u64(ctz(target));
  // The highest bits of a gear hash depend on the most bytes.
  const strict: u64 = ~(<u64>0) << (64 - (bits + 2));
  const loose: u64 = ~(<u64>0) << (64 - (bits - 2));
  const end = min(to, from + maxBytes);
  if (end - from <= minBytes) return end;
  const middle = min(end, from + target);
  let hash: u64 = 0;
  let at = from + minBytes;
  for (; at < middle; at++) {
    hash = (hash << 1) + load<u64>(GEAR + (usize(load<u8>(at)) << 3));
    if ((hash & strict) == 0) return at + 1;
  }
  for (; at < end; at++) {
    hash = (hash << 1) + load<u64>(GEAR + (usize(load<u8>(at)) << 3));
    if ((hash & loose) == 0) return at + 1;
  }
  return end;
}

/**
 * SeqCDC (Udayashankar, Baba, Al-Kiswany, 2025), increasing mode, without vectors: a boundary after five bytes each greater than the one
 * before; after 50 descents `target / 32` bytes are skipped, which brings the mean near the target.
 */
export function seqcdc(from: usize, to: usize, minBytes: usize, target: usize, maxBytes: usize): usize {
  const end = min(to, from + maxBytes);
  if (end - from <= minBytes) return end;
  const skip = target >> 5;
  let ascents: u32 = 0;
  let descents: u32 = 0;
  let before = load<u8>(from + minBytes - 1);
  for (let at = from + minBytes; at < end; at++) {
    const byte = load<u8>(at);
    if (byte > before) {
      if (++ascents == 4) return at + 1;
    } else {
      ascents = 0;
      if (byte < before && ++descents == 50) {
        descents = 0;
        at += skip;
        if (at >= end) break;
      }
    }
    before = load<u8>(at);
  }
  return end;
}

/**
 * RAM (Widodo, Lim, Atiquzzaman, 2017) with vectors, as in VectorCDC (Udayashankar, Baba, Al-Kiswany, FAST 2025): the block ends after the first byte that is
 * at least the maximum of its first `target - 256` bytes.
 */
export function ram(from: usize, to: usize, minBytes: usize, target: usize, maxBytes: usize): usize {
  const end = min(to, from + maxBytes);
  const windowEnd = from + target - 256;
  if (end <= windowEnd) return end;
  let most = i8x16.splat(0);
  let at = from;
  for (; at + 64 <= windowEnd; at += 64) {
    const first = i8x16.max_u(v128.load(at), v128.load(at, 16));
    const second = i8x16.max_u(v128.load(at, 32), v128.load(at, 48));
    most = i8x16.max_u(most, i8x16.max_u(first, second));
  }
  store<v128>(LANES, most);
  let maximum: u8 = 0;
  for (let lane: usize = 0; lane < 16; lane++) maximum = max(maximum, load<u8>(LANES + lane));
  for (; at < windowEnd; at++) maximum = max(maximum, load<u8>(at));
  const threshold = i8x16.splat(i8(maximum));
  for (; at < end; at += 16) {
    const mask = i8x16.bitmask(i8x16.ge_u(v128.load(at), threshold));
    if (mask == 0) continue;
    const found = at + usize(ctz(mask)) + 1;
    return found < end ? found : end;
  }
  return end;
}
