import { UsageError } from '../base/errors.ts';
import { system } from '../sys/system.ts';

/** The number of a user given by name or number. Throws UsageError. */
export function givenUser(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const uid = /^\d{1,10}$/.test(text) ? Number(text) : system().userId(text);
  if (uid === undefined) throw new UsageError(`${option} ${text}: there is no such user`, 'Give a name or a number, as of id -u.');
  return uid;
}
