/** Bytes for tests of cutting: reproducible, of the kinds that break chunkers. */

/** A generator of 32-bit words (Marsaglia's xorshift32), so that a failing test can be run again as it was. */
export function wordsOf(seed: number): () => number {
  let state = (seed | 0) === 0 ? 1 : seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export type CorpusKind = 'random' | 'log' | 'csv' | 'dna' | 'bits' | 'periodic' | 'zeros' | 'mixed';
export const corpusKinds: readonly CorpusKind[] = ['random', 'log', 'csv', 'dna', 'bits', 'periodic', 'zeros', 'mixed'];

/** `size` bytes of a kind. */
export function corpus(kind: CorpusKind, size: number, seed = 1): Uint8Array {
  const next = wordsOf(seed * 2654435761);
  switch (kind) {
    case 'random':
      return Uint8Array.from({ length: size }, () => next() >>> 24);
    case 'log':
      return text(
        size,
        (line) => `2026-11-20T10:${line % 60}:${next() % 60} INFO  worker-${next() % 4} request ${line} took ${next() % 90} ms\n`,
      );
    case 'csv':
      return text(size, (line) => `${line},${next() % 100},${next() % 10},0,0,${next() % 1000}\n`);
    case 'dna':
      return Uint8Array.from({ length: size }, () => 'ACGT'.charCodeAt(next() >>> 30));
    case 'bits':
      return Uint8Array.from({ length: size }, () => 48 + (next() >>> 31));
    case 'periodic':
      return Uint8Array.from({ length: size }, (_, at) => (at % 397) % 251);
    case 'zeros':
      return new Uint8Array(size);
    case 'mixed':
      return mixed(size, next);
  }
}

function text(size: number, line: (number: number) => string): Uint8Array {
  let written = '';
  for (let number = 1000; written.length < size; number++) written += line(number);
  return Buffer.from(written.slice(0, size), 'latin1');
}

/** Stretches of random bytes, runs and repetitions, with lengths around the powers of two where thresholds lie. */
function mixed(size: number, next: () => number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const length = Math.min(size - at, (1 << (next() % 14)) + (next() % 5) - 2);
    if (length <= 0) continue;
    const part = bytes.subarray(at, at + length);
    const kind = next() % 3;
    const base = next() >>> 24;
    const period = 1 + (next() % 70);
    for (let index = 0; index < length; index++) part[index] = kind === 0 ? next() >>> 24 : kind === 1 ? base : base + (index % period);
    at += length;
  }
  return bytes;
}
