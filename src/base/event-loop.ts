/**
 * Lets the event loop turn once. Work that only ever waits for promises that are settled already keeps it from turning, and with it whatever waits for that: timers, signals, and the
 * finalizers of native packages, without which each result of theirs stays in memory (measured: 330 bytes a BLAKE3 hash).
 */
export function turnEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
