/** How long something past is kept: while either says so. At least one is set, unless everything is to be kept for ever. */
export interface Retention {
  /** While it is no older than this. */
  readonly age?: Temporal.Duration;
  /** While it is one of the newest so many. */
  readonly versions?: number;
}

/** Longer is "forever". */
const MAX_COUNT = 100_000;
const UNITS = 'days, weeks, months or years';

/** A span of the calendar, as settings say it: `90 days`, `1 year`. Throws RangeError with what is wrong. */
export function parseSpan(value: unknown): Temporal.Duration {
  const span = spanOf(value);
  if (span === undefined) throw new RangeError(`must be a text such as "90 days": a number of ${UNITS}`);
  return span;
}

/**
 * What settings and rules of owners say of how long the past is kept: `90 days`, `20 versions`, `forever`, or a list of which any keeps. Throws
 * RangeError with what is wrong.
 */
export function parseRetention(value: unknown): Retention {
  const texts = Array.isArray(value) ? value : [value];
  if (texts.length === 0) throw new RangeError('must not be an empty list');
  let retention: Retention = {};
  for (const text of texts) {
    if (text === 'forever') {
      if (texts.length > 1) throw new RangeError('"forever" must stand alone');
      return {};
    }
    const part = parsePart(text);
    for (const key of Object.keys(part)) if (key in retention) throw new RangeError(`says twice how many ${key === 'age' ? 'days' : key}`);
    retention = { ...retention, ...part };
  }
  return retention;
}

function parsePart(text: unknown): Retention {
  const age = spanOf(text);
  if (age !== undefined) return { age };
  const [, digits] = (typeof text === 'string' && /^(\d{1,6}) versions?$/.exec(text)) || [];
  const versions = countOf(digits);
  if (versions === undefined)
    throw new RangeError(`must be a text such as "90 days": a number of ${UNITS}, or so many versions, or "forever"`);
  return { versions };
}

function spanOf(text: unknown): Temporal.Duration | undefined {
  const [, digits, unit] = (typeof text === 'string' && /^(\d{1,6}) (day|week|month|year)s?$/.exec(text)) || [];
  const count = countOf(digits);
  return count === undefined ? undefined : Temporal.Duration.from({ [`${unit}s`]: count });
}

function countOf(digits: string | undefined): number | undefined {
  const count = Number(digits);
  return count >= 1 && count <= MAX_COUNT ? count : undefined;
}
