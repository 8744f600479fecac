import type { DatabaseSync } from 'node:sqlite';
import { lastEventNumber, skippedOf } from '../numbers.ts';
import { type Row, reading } from '../rows.ts';
import { TooEarlyError, UnknownMomentError } from './errors.ts';
import type { Moment } from './types.ts';

/** Rows of `property`: the newest event that rotation has dropped, and its time. */
export const FORGOTTEN_EVENT = 'forgottenEvent';
export const FORGOTTEN_TIME = 'forgottenTime';

/** How far back the history has been dropped. */
export interface Forgotten {
  readonly event: Moment;
  readonly time: bigint;
}

export function forgottenOf(database: DatabaseSync): Forgotten | undefined {
  const value = reading(database, 'SELECT value FROM property WHERE name = ?');
  const event = value.get(FORGOTTEN_EVENT) as Row | undefined;
  const time = value.get(FORGOTTEN_TIME) as Row | undefined;
  return event && time && { event: Number(event.value), time: time.value as bigint };
}

/**
 * The moment of a time (ns since 1970): behind the last event up to it. Where a clock was set back, events count to whose time it shows first from above.
 * Throws TooEarlyError for what rotation has dropped.
 */
export function momentOf(database: DatabaseSync, time: bigint): Moment {
  const forgotten = forgottenOf(database);
  if (forgotten !== undefined && time < forgotten.time) throw new TooEarlyError('the history begins only at', forgotten.time);
  const last = database.prepare('SELECT id FROM event INDEXED BY event_time WHERE time <= ? ORDER BY time DESC, id DESC LIMIT 1').get(time);
  return Math.max(Number(last?.id ?? 0), forgotten?.event ?? 0);
}

/** Digits of a moment as a text: more than those of a year and less than those of nanoseconds, so that no time looks like one. */
const TEXT_DIGITS = 12;

/** A moment as it is given to somebody who will ask what has happened since. */
export function textOfMoment(moment: Moment): string {
  return String(moment).padStart(TEXT_DIGITS, '0');
}

/**
 * The moment that somebody was given before, as a text. Throws UnknownMomentError for one that this catalogue never was at: it belongs to what was lost when it was put back from a
 * copy. Throws TooEarlyError when events behind it were dropped.
 */
export function momentOfText(database: DatabaseSync, text: string): Moment {
  const moment = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  const isLeftOut = skippedOf(database).some(({ after, upTo }) => after < moment && moment < upTo);
  if (!(moment <= lastEventNumber(database)) || isLeftOut) throw new UnknownMomentError(text);
  const forgotten = forgottenOf(database);
  if (forgotten !== undefined && moment < forgotten.event) throw new TooEarlyError('the history begins only at', forgotten.time);
  return moment;
}
