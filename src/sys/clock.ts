import os from 'node:os';

/** Milliseconds of the system's monotonic clock: comparable between the threads of a process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Milliseconds since the machine was started, those included in which it slept. Whole hundredths of a second. */
export function uptimeMs(): number {
  return os.uptime() * 1000;
}

/** Nanoseconds since 1970 by the wall clock as it is set now. (Node's `performance` counts on from the start of the process, and stands still while the machine sleeps.) */
export function wallNs(): bigint {
  return Temporal.Now.instant().epochNanoseconds;
}
