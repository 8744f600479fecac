import type { Stat } from '../../sys/stat.ts';

/** Longer than any step of a kernel's clock for file times. */
const RACY_MS = 100;

/**
 * Whether a file was changed so shortly before now that it may change again without its times showing it, since they move in steps. What was read of it is
 * right, but must not be trusted the next time.
 */
export function isRacy(stat: Stat): boolean {
  return stat.ctimeSeconds * 1000 + stat.ctimeNanoseconds / 1e6 > Date.now() - RACY_MS;
}
