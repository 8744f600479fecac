import type { Revision } from './types.ts';

/** Which revisions of an archive are kept (S34). Whatever any rule keeps is kept. */
export interface ForgetPolicy {
  /** The newest so many. */
  readonly last?: number;
  /** The newest revision of each of the newest so many hours, days, … in which there are any. */
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** All that are at most so much older than the newest revision: no clock has a say. */
  readonly within?: Temporal.Duration;
  /** All that have one of these tags. */
  readonly tags?: readonly string[];
}

export interface Kept<R extends Revision> {
  readonly revision: R;
  /** Why, for people: `pinned`, `last 3`, `day 2026-03-01`, `tag draft`. */
  readonly reasons: readonly string[];
}

export interface ForgetPlan<R extends Revision> {
  readonly keep: readonly Kept<R>[];
  readonly drop: readonly R[];
}

const PERIODS = {
  // With the offset, by which the two hours that a clock shows alike at the end of summer differ.
  hourly: (time: Temporal.ZonedDateTime) => `hour ${time.toPlainDate()}T${String(time.hour).padStart(2, '0')}${time.offset}`,
  daily: (time: Temporal.ZonedDateTime) => `day ${time.toPlainDate()}`,
  weekly: (time: Temporal.ZonedDateTime) => `week ${time.yearOfWeek}-W${String(time.weekOfYear).padStart(2, '0')}`,
  monthly: (time: Temporal.ZonedDateTime) => `month ${time.toPlainDate().toPlainYearMonth()}`,
  yearly: (time: Temporal.ZonedDateTime) => `year ${time.year}`,
} as const;

/**
 * Divides revisions, which are sorted by time, oldest first, into those that are kept and those that are dropped; both lists keep the order. Pinned revisions are always kept. Hours
 * and days are those of `timeZone`, weeks those of ISO 8601. A pure function: nothing is dropped by it.
 */
export function planForget<R extends Revision>(revisions: readonly R[], policy: ForgetPolicy, timeZone: string): ForgetPlan<R> {
  const times = new Map(revisions.map((revision) => [revision, Temporal.Instant.from(revision.time).toZonedDateTimeISO(timeZone)]));
  const reasons = new Map<R, string[]>(revisions.map((revision) => [revision, []]));
  const newestFirst = revisions.toReversed();
  const newest = newestFirst[0];
  if (newest === undefined) return { keep: [], drop: [] };

  for (const [i, revision] of newestFirst.slice(0, policy.last ?? 0).entries()) reasons.get(revision)?.push(`last ${i + 1}`);
  for (const [rule, periodOf] of Object.entries(PERIODS)) {
    const periods = new Set<string>();
    for (const revision of newestFirst) {
      if (periods.size >= (policy[rule as keyof typeof PERIODS] ?? 0)) break;
      const period = periodOf(times.get(revision) as Temporal.ZonedDateTime);
      if (!periods.has(period)) reasons.get(revision)?.push(period);
      periods.add(period);
    }
  }
  const bound = policy.within && (times.get(newest) as Temporal.ZonedDateTime).subtract(policy.within);
  for (const revision of revisions) {
    const why = reasons.get(revision) as string[];
    if (revision.pinned) why.unshift('pinned');
    if (bound && Temporal.ZonedDateTime.compare(times.get(revision) as Temporal.ZonedDateTime, bound) >= 0) why.push('recent');
    for (const tag of revision.tags ?? []) if (policy.tags?.includes(tag)) why.push(`tag ${tag}`);
  }
  return {
    keep: revisions.flatMap((revision) => {
      const why = reasons.get(revision) as string[];
      return why.length > 0 ? [{ revision, reasons: why }] : [];
    }),
    drop: revisions.filter((revision) => reasons.get(revision)?.length === 0),
  };
}
