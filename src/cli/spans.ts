import { timeWritten } from '../tree/moment.ts';

/** Milliseconds since 1970, of the beginning of a time in digits (local unless it says otherwise), or of a span that counts back from now. Throws RangeError. */
export function readMoment(text: string): number {
  const meant = timeWritten(text, new Date());
  if (meant !== undefined) return meant.start.epochMilliseconds;
  throw new RangeError('must be a time like 2026-03-01 or 2026-03-01T17:00, or a span back from now like 7d');
}
