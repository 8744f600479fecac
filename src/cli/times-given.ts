import { UsageError } from '../base/errors.ts';
import { type TimeMeant, timeMeant } from '../tree/moment.ts';

export const TIME_ADVICE = 'A time is like 2026-03-01, 2026-03-01T17:00, "yesterday 17:00", or 7d for seven days ago.';

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

/** What begins and ends a period, in ns. Throws UsageError also where it ends before it begins. */
export async function givenPeriod(
  since: string | undefined,
  until: string | undefined,
  now = new Date(),
): Promise<readonly [from: bigint | undefined, to: bigint | undefined]> {
  const [from, to] = [await givenTime('--since', since, now), await givenTime('--until', until, now)];
  if (from !== undefined && to !== undefined && to < from) throw new UsageError(`--until ${until} is before --since ${since}`);
  return [from, to];
}

async function meantBy(option: string, text: string, now: Date): Promise<TimeMeant> {
  const meant = await timeMeant(text, now);
  if (meant !== undefined) return meant;
  throw new UsageError(`${option} ${text} is no time`, TIME_ADVICE);
}
