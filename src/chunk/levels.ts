import { UsageError } from '../base/errors.ts';
import type { Bounds } from './types.ts';

/** The window of the confirming hash: no block is shorter, so that a boundary depends on bytes of its own block alone. */
const LEAST_MIN_BYTES = 64;

/** One position in this many passes the sieve, unless the target is so small that more must. */
const SIEVE_PERIOD = 1024;

/**
 * Normalised chunking as in FastCDC (Xia et al., USENIX ATC 2016), level 2: boundaries are four times rarer than the target asks for before a
 * block has its target size, and four times more frequent after.
 */
const NORMALISATION = 4;

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
  if (!(minBytes >= LEAST_MIN_BYTES && minBytes <= targetBytes && targetBytes <= maxBytes && [minBytes, targetBytes, maxBytes].every(Number.isSafeInteger))) {
    throw new UsageError(
      `block bounds ${minBytes}, ${targetBytes}, ${maxBytes} are not whole numbers of bytes with ${LEAST_MIN_BYTES} ≤ min ≤ target ≤ max`,
    );
  }
  const loose = Math.min(1 / 2, NORMALISATION / targetBytes);
  const strict = 1 / (NORMALISATION * targetBytes);
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
