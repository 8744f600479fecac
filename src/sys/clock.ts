/** Milliseconds of the system's monotonic clock: comparable between the threads of a process. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Nanoseconds since 1970 by the wall clock as it is set now. (Node's `performance` counts on from the start of the process, and stands still while the machine sleeps.) */
export function wallNs(): bigint {
  return Temporal.Now.instant().epochNanoseconds;
}
