import { isAbsolute } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { EventQuery } from './types.ts';

/** PATH_MAX of Linux, with each byte shown as `\\xNN`. */
const LONGEST_PATH_CHARACTERS = 4 * 4096;
const TOKEN = /^[\w.:-]{1,128}$/;

/** How a query stands in an address. */
export function writeEventQuery({ path, since, follow }: EventQuery): string {
  return new URLSearchParams({
    ...(path !== undefined && { path }),
    ...(since !== undefined && { since }),
    follow: String(follow),
  }).toString();
}

/** Reads what `writeEventQuery` wrote, or anybody else. Throws UsageError. */
export function readEventQuery(parameters: Readonly<Record<string, string | string[]>>): EventQuery {
  const query: { path?: string; since?: string; follow: boolean } = { follow: false };
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== 'string') throw new UsageError(`${name} may be given once`);
    if (name === 'path') query.path = readPath(value);
    else if (name === 'since') query.since = readToken(value);
    else if (name === 'follow') query.follow = readBoolean(value);
    else throw new UsageError(`events have no parameter ${JSON.stringify(name)}`, 'They have path, since and follow.');
  }
  return query;
}

/** An absolute path of a request. Throws UsageError. */
export function readPath(value: string): string {
  if (value.length > LONGEST_PATH_CHARACTERS) throw new UsageError('path is longer than any that there can be');
  if (!isAbsolute(value) || value.includes('\0')) throw new UsageError(`path must be absolute, not ${JSON.stringify(value)}`);
  return value;
}

function readToken(value: string): string {
  if (!TOKEN.test(value)) throw new UsageError('since must be what a sync point gave', 'Get one with: varve sync-point');
  return value;
}

function readBoolean(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new UsageError(`follow must be true or false, not ${JSON.stringify(value)}`);
  return value === 'true';
}
