import { readSpan } from './span.ts';

/**
 * What a person means by a time: `2026`, `2026-03`, `2026-03-01`, `2026-03-01T17`, `…17:00`, `…17:00:30`, `…17:00:30.25`, each perhaps with
 * `Z` or an offset (else local time), a span back from now: `2h`, `1w3d`, or words: `yesterday 17:00`, `3 days ago`. Less than a whole time means all of it: `2026-03-01`
 * includes that day's last revision. 16 digits and more are nanoseconds since 1970.
 */
const NANOSECONDS = /^\d{16,19}$/;
const ISO = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?)?)?(Z|[+-]\d\d:\d\d)?$/;
/** Bounds of what nanoseconds in 64 bits hold, in whole seconds: what is earlier or later counts as these, so that every time can be asked of a database. */
const EARLIEST = Temporal.Instant.fromEpochMilliseconds(-9_223_372_036_000);
const LATEST = Temporal.Instant.fromEpochMilliseconds(9_223_372_036_000);
const UNITS = ['years', 'months', 'days', 'hours', 'minutes', 'seconds'] as const;

/** The time that a text means, from its beginning up to and without its end. */
export interface TimeMeant {
  readonly start: Temporal.Instant;
  readonly end: Temporal.Instant;
}

/**
 * The instant that ends the time meant, so that what happened before it counts; undefined when the text says none. `now` is what words are
 * relative to.
 */
export async function endOfMoment(text: string, now: Date): Promise<Temporal.Instant | undefined> {
  return (await timeMeant(text, now))?.end;
}

/** The same with its beginning. Both are from the year 1677 to 2262. */
export async function timeMeant(text: string, now: Date): Promise<TimeMeant | undefined> {
  // Digits in this form that are no time, as those of a thirteenth month, are none in words either.
  return timeWritten(text, now) ?? (ISO.test(text) ? undefined : within(await ofWords(text, now)));
}

/** The same of a text in digits: no words are understood, nor is anything loaded for them. */
export function timeWritten(text: string, now: Date): TimeMeant | undefined {
  return within(ofNanoseconds(text) ?? ofIso(text) ?? ofSpan(text, now));
}

function within(meant: TimeMeant | undefined): TimeMeant | undefined {
  return meant && { start: bounded(meant.start), end: bounded(meant.end) };
}

function bounded(instant: Temporal.Instant): Temporal.Instant {
  if (Temporal.Instant.compare(instant, EARLIEST) < 0) return EARLIEST;
  return Temporal.Instant.compare(instant, LATEST) > 0 ? LATEST : instant;
}

function ofNanoseconds(text: string): TimeMeant | undefined {
  if (!NANOSECONDS.test(text)) return undefined;
  const start = Temporal.Instant.fromEpochNanoseconds(BigInt(text));
  return { start, end: start.add({ nanoseconds: 1 }) };
}

function ofSpan(text: string, now: Date): TimeMeant | undefined {
  try {
    const zoned = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(Temporal.Now.timeZoneId());
    const start = zoned.subtract(readSpan(text)).toInstant();
    return { start, end: start.add({ nanoseconds: 1 }) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function ofIso(text: string): TimeMeant | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const given = match
    .slice(1, 7)
    .filter((part) => part !== undefined)
    .map(Number);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = given;
  const fraction = match[7]?.padEnd(9, '0');
  const zone = match[8] === 'Z' ? 'UTC' : (match[8] ?? Temporal.Now.timeZoneId());
  let start: Temporal.ZonedDateTime;
  try {
    start = Temporal.ZonedDateTime.from({ year, month, day, hour, minute, second, timeZone: zone }, { overflow: 'reject' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  if (fraction === undefined) return { start: start.toInstant(), end: start.add({ [UNITS[given.length - 1] as string]: 1 }).toInstant() };
  const digits = match[7]?.length ?? 0;
  const exact = start.toInstant().add({ nanoseconds: Number(fraction) });
  return { start: exact, end: exact.add({ nanoseconds: 10 ** (9 - digits) }) };
}

async function ofWords(text: string, now: Date): Promise<TimeMeant | undefined> {
  // Loaded for words alone: it takes longer than everything else that a reference needs.
  const chrono = await import('chrono-node');
  const [found] = chrono.parse(text, now);
  if (found === undefined || found.text.length !== text.trim().length) return undefined;
  const { start } = found;
  const instant = Temporal.Instant.fromEpochMilliseconds(start.date().getTime());
  if (start.isCertain('second') || start.isCertain('millisecond')) return { start: instant, end: instant.add({ milliseconds: 1 }) };
  const zoned = instant.toZonedDateTimeISO(Temporal.Now.timeZoneId());
  const floor = (smallestUnit: 'minute' | 'hour') => zoned.round({ smallestUnit, roundingMode: 'floor' });
  if (start.isCertain('minute')) return between(floor('minute'), { minutes: 1 });
  if (start.isCertain('hour')) return between(floor('hour'), { hours: 1 });
  return between(zoned.startOfDay(), { days: 1 });
}

function between(start: Temporal.ZonedDateTime, length: Temporal.DurationLike): TimeMeant {
  return { start: start.toInstant(), end: start.add(length).toInstant() };
}
