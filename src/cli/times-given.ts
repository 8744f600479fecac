import { UsageError } from '../base/errors.ts';
import { timeMeant } from '../tree/moment.ts';

/**
 * The time that begins what is meant, in ns: a time as behind an @ (`2026-03-01`, `yesterday 17:00`, nanoseconds), or a span back from now (`7d`). Undefined for undefined.
 * Throws UsageError.
 */
export async function givenTime(option: string, text: string | undefined, now = new Date()): Promise<bigint | undefined> {
  if (text === undefined) return undefined;
  const meant = await timeMeant(text, now);
  if (meant !== undefined) return meant.start.epochNanoseconds;
  throw new UsageError(
    `${option} ${text} is no time`,
    'A time is like 2026-03-01, 2026-03-01T17:00, "yesterday 17:00", or 7d for seven days ago.',
  );
}
