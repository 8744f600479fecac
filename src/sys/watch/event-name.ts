import { FormatError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { NAME_MAX } from '../single-name.ts';
import { SELF } from './event-list.ts';

const FORBIDDEN = /[/\0]/;

/** The name in `bytes` from `start`, padded with NULs up to `limit`; without one, the directory itself is meant. `what` names the structure in errors. */
export function readName(bytes: Buffer, start: number, limit: number, what: string): ByteName {
  let end = limit;
  while (end > start && bytes[end - 1] === 0) end--;
  if (end === start) return SELF;
  const name = bytes.toString('latin1', start, end);
  if (name.length > NAME_MAX || FORBIDDEN.test(name)) throw new FormatError(what, 'not a name', start);
  return name as ByteName;
}
