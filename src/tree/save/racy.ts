import type { Stat } from '../../sys/stat.ts';

/** Longer than any step of a kernel's clock for file times. */
export const RACY_MS = 100;

/**
 * Whether a file was changed so shortly before now that it may change again without its times showing it, since they move in steps. What was read of it is
 * right, but must not be trusted the next time.
 */
export function isRacy(stat: Stat): boolean {
  return changeMs(stat) > Date.now() - RACY_MS;
}

/** The same but for times in the future: there every further change gets another time, since the kernel's clock is not there yet. */
export function mayChangeUnseen(stat: Stat): boolean {
  return isRacy(stat) && changeMs(stat) <= Date.now();
}

/** A kernel's clock for file times makes at least 100 steps a second. */
const CLOCK_STEP_MS = 10;

/**
 * How long to wait until every further change of a file gets another time than it has: of a file that is read before, parts of two states could be put together
 * unnoticed. 0 for all but those that were changed just now.
 */
export function millisecondsUntilChangesShow(stat: Stat): number {
  const sinceChange = Date.now() - changeMs(stat);
  return sinceChange < 0 || sinceChange > CLOCK_STEP_MS ? 0 : CLOCK_STEP_MS + 1 - sinceChange;
}

function changeMs(stat: Stat): number {
  return stat.ctimeSeconds * 1000 + stat.ctimeNanoseconds / 1e6;
}
