import { readSpan } from '../tree/span.ts';

const LOCAL_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?$/;

/** Milliseconds since 1970, of a date and time (local unless it ends in Z), or of a span that counts back from now. Throws RangeError. */
export function readMoment(text: string): number {
  const time = LOCAL_TIME.test(text)
    ? new Date(text.length === 10 ? `${text}T00:00` : text)
    : /^\d{4}-.*Z$/.test(text)
      ? new Date(text)
      : undefined;
  if (time !== undefined && !Number.isNaN(time.getTime())) return time.getTime();
  try {
    return Temporal.Now.zonedDateTimeISO().subtract(readSpan(text)).epochMilliseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError('must be a time like 2026-03-01 or 2026-03-01T17:00, or a span back from now like 7d');
  }
}
