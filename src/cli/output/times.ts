import type { Time } from '../../tree/types.ts';
import { twoDigits } from './amounts.ts';

/** What a Date can hold: a hundred million days on either side of 1970. */
const MAX_DATE_SECONDS = 8.64e12;

/** A time for people: local, to the minute or the second. Times that no calendar of ours reaches are shown as seconds since 1970. */
export function formatTime(time: Time | string, precision: 'minute' | 'second' = 'second'): string {
  if (typeof time !== 'string' && Math.abs(time.seconds) > MAX_DATE_SECONDS) return `@${time.seconds}`;
  const date = new Date(typeof time === 'string' ? time : time.seconds * 1000);
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  const minute = `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  return precision === 'minute' ? minute : `${minute}:${twoDigits(date.getSeconds())}`;
}

/** A time for programs: ISO 8601 in UTC, to the nanosecond. */
export function isoTime({ seconds, nanoseconds }: Time): string {
  if (Math.abs(seconds) > MAX_DATE_SECONDS) return `@${seconds}.${String(nanoseconds).padStart(9, '0')}`;
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${String(nanoseconds).padStart(9, '0')}Z`;
}
