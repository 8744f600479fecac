const UNITS = { y: 'years', mo: 'months', w: 'weeks', d: 'days', h: 'hours', min: 'minutes', s: 'seconds' } as const;
const SPAN = /^(?:\d+(?:y|mo|w|d|h|min|s))+$/;

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
