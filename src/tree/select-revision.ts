import { UsageError, VarveError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest.ts';
import { timeKey } from './archive.ts';
import { endOfMoment } from './moment.ts';
import type { LoggedRevision } from './revision-line.ts';

/** The archive has no revision that was asked for. */
export class NoRevisionError extends VarveError {
  constructor(problem: string, advice: string) {
    super('NO_REVISION', problem, { advice });
  }
}

/**
 * The revision that stands behind the `@` of a reference: `~N` counts back from the newest, a tag names the newest that has it, a time the
 * newest not after it (see moment.ts). Without any, the newest. `revisions` are sorted by time; `now` is what words like *yesterday* are
 * relative to.
 */
export async function selectRevision(
  archive: string,
  revisions: readonly LoggedRevision[],
  when: string | undefined,
  now: Date,
): Promise<LoggedRevision> {
  const newest = revisions.at(-1);
  if (newest === undefined) throw new NoRevisionError(`archive ${archive} has no revisions`, 'Make one with: varve save');
  if (when === undefined) return newest;
  if (/^~\d+$/.test(when)) return countBack(archive, revisions, Number(when.slice(1)));
  const tagged = revisions.findLast(({ tags }) => tags?.includes(when));
  if (tagged) return tagged;
  const end = await endOfMoment(when, now);
  if (end === undefined) throw unknownWhen(archive, revisions, when);
  const bound = timeKey(end.toString());
  const found = revisions.findLast(({ time }) => timeKey(time) < bound);
  if (found) return found;
  const oldest = revisions[0] as LoggedRevision;
  throw new NoRevisionError(`archive ${archive} has no revision that old: ${when}`, `Its oldest is of ${oldest.time}.`);
}

function countBack(archive: string, revisions: readonly LoggedRevision[], steps: number): LoggedRevision {
  const found = revisions[revisions.length - 1 - steps];
  if (found) return found;
  throw new NoRevisionError(
    `archive ${archive} has ${revisions.length} revisions, so ~${steps} is none`,
    `The oldest is ~${revisions.length - 1}.`,
  );
}

function unknownWhen(archive: string, revisions: readonly LoggedRevision[], when: string): UsageError {
  const tags = [...new Set(revisions.flatMap((revision) => revision.tags ?? []))];
  const near = nearestNames(when, tags);
  const known = near.length > 0 ? `Did you mean ${near.map((tag) => `@${tag}`).join(' or ')}? ` : '';
  return new UsageError(
    `archive ${archive} has no tag ${JSON.stringify(when)}, and it is no time either`,
    `${known}Behind @ stands a time (2026-03-01, 2026-03-01T17:00, yesterday 17:00), ~N, or a tag.`,
  );
}
