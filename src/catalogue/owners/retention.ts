import type { Retention } from './types.ts';

const UNITS = 'days, weeks, months or years, or so many versions';
/** Longer is "forever". */
const MAX_COUNT = 100_000;

/**
 * What rule files say of how long the past is remembered: `90 days`, `20 versions`, `forever`, or a list of which any keeps. Throws
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
  const [, digits, unit] = (typeof text === 'string' && /^(\d{1,6}) (day|week|month|year|version)s?$/.exec(text)) || [];
  const count = Number(digits);
  if (unit === undefined || count < 1 || count > MAX_COUNT)
    throw new RangeError(`must be a text such as "90 days": a number of ${UNITS}, or "forever"`);
  return unit === 'version' ? { versions: count } : { age: Temporal.Duration.from({ [`${unit}s`]: count }) };
}
