import type { Time } from '../types.ts';

/**
 * A time as node:fs takes it: seconds as text, since a negative number would be taken for *now*, and a Date holds but milliseconds. It becomes a
 * double on the way, so nanoseconds are rounded to about a quarter of a microsecond.
 */
export function toNodeTime({ seconds, nanoseconds }: Time): string {
  return String(seconds + nanoseconds / 1e9);
}
