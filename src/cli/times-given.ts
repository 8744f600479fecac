import { UsageError } from '../base/errors.ts';
import { type TimeMeant, timeMeant } from '../tree/moment.ts';

/**
 * The time that begins what is meant, in ns: a time as behind an @ (`2026-03-01`, `yesterday 17:00`, nanoseconds), or a span back from now (`7d`). Undefined for undefined.
 * Throws UsageError.
 */
export async function givenTime(option: string, text: string | undefined, now = new Date()): Promise<bigint | undefined> {
  return text === undefined ? undefined : (await meantBy(option, text, now)).start.epochNanoseconds;
}

/** The last nanosecond of what is meant, as behind an @. Throws UsageError. */
export async function givenMoment(option: string, text: string): Promise<bigint> {
  return (await meantBy(option, text, new Date())).end.epochNanoseconds - 1n;
}

async function meantBy(option: string, text: string, now: Date): Promise<TimeMeant> {
  const meant = await timeMeant(text, now);
  if (meant !== undefined) return meant;
  throw new UsageError(
    `${option} ${text} is no time`,
    'A time is like 2026-03-01, 2026-03-01T17:00, "yesterday 17:00", or 7d for seven days ago.',
  );
}
