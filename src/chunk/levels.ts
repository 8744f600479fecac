import { UsageError } from '../base/errors.ts';
import type { Bounds } from './types.ts';

/** The window of the confirming hash: no block is shorter, so that a boundary depends on bytes of its own block alone. */
const LEAST_MIN_BYTES = 64;

/**
 * One position in this many passes the sieve, unless the target is so small that more must. Rarer candidates are cheaper, but text then offers too few
 * places to choose from: 1024 is a tenth faster than 512 and deduplicates half a percent worse.
 */
const SIEVE_PERIOD = 512;

/**
 * Normalised chunking as in FastCDC (Xia et al., USENIX ATC 2016): boundaries are rarer before a block has its target size than after. The
 * probabilities of a boundary at a position are these, divided by the target size. Found by trial on the corpora of bench/chunking, see docs/chunking.md.
 */
const STRICT = 0.4;
const LOOSE = 5;

/** Acceptance thresholds of a kernel for given bounds. */
export interface Levels {
  /** Sieve hashes, signed 16 bits, below this are candidates. */
  readonly sieveLimit: number;
  /** Confirming hashes, unsigned 32 bits, below this make a boundary: before the target size, and after it. */
  readonly strictLimit: number;
  readonly looseLimit: number;
}

/** The thresholds for `bounds`; throws UsageError for bounds that contradict themselves. */
export function levelsOf(bounds: Bounds): Levels {
  const { minBytes, targetBytes, maxBytes } = bounds;
  if (
    !(
      minBytes >= LEAST_MIN_BYTES &&
      minBytes <= targetBytes &&
      targetBytes <= maxBytes &&
      [minBytes, targetBytes, maxBytes].every(Number.isSafeInteger)
    )
  ) {
    throw new UsageError(
      `block bounds ${minBytes}, ${targetBytes}, ${maxBytes} are not whole numbers of bytes with ${LEAST_MIN_BYTES} ≤ min ≤ target ≤ max`,
    );
  }
  const loose = Math.min(1 / 2, LOOSE / targetBytes);
  const strict = STRICT / targetBytes;
  const sievePasses = Math.ceil(65536 * Math.max(1 / SIEVE_PERIOD, loose));
  const sieve = sievePasses / 65536;
  return {
    sieveLimit: -32768 + sievePasses,
    strictLimit: limitFor(strict / sieve),
    looseLimit: limitFor(loose / sieve),
  };
}

function limitFor(probability: number): number {
  return Math.min(0xffffffff, Math.floor(probability * 2 ** 32));
}
