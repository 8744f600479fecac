const UNITS = { y: 'years', mo: 'months', w: 'weeks', d: 'days', h: 'hours', min: 'minutes' } as const;
const SPAN = /^(?:\d+(?:y|mo|w|d|h|min))+$/;
const LOCAL_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?$/;

/** A span of time, of a text like `30d`, `2w`, `1y6mo` or `12h`, or ISO 8601's `P30D`. Throws RangeError. */
export function readSpan(text: string): Temporal.Duration {
  if (!SPAN.test(text)) {
    try {
      return Temporal.Duration.from(text);
    } catch {
      throw new RangeError('must be a span of time like 30d, 2w, 1y6mo or 12h');
    }
  }
  const fields: Partial<Record<(typeof UNITS)[keyof typeof UNITS], number>> = {};
  for (const [, digits, unit] of text.matchAll(/(\d+)([a-z]+)/g)) fields[UNITS[unit as keyof typeof UNITS]] = Number(digits);
  return Temporal.Duration.from(fields);
}

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
