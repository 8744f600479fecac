import { readFileSync } from 'node:fs';
import { type ByteName, nameFromBytes, nameFromShown, nameFromText, nameToBytes, showName } from '../base/names.ts';

/**
 * The arguments of this process with the bytes for which Node has put U+FFFD, since they are no UTF-8, and which Linux still knows, in the form in which names are shown: `\xff`. Others are as they were. Elsewhere nothing
 * is lost that could be a name.
 */
export function rawArguments(args: readonly string[]): readonly string[] {
  if (process.platform !== 'linux') return args;
  // Each ends with a zero; before ours are those of Node.
  const given = nameFromBytes(readFileSync('/proc/self/cmdline')).split('\0').slice(0, -1).slice(-args.length) as ByteName[];
  return args.map((arg, i) => {
    const raw = given[i] as ByteName;
    return nameToBytes(raw).toString('utf8') === arg && raw !== nameFromText(arg) ? showName(raw) : arg;
  });
}

/** A name on disk as an argument says it, perhaps in the form in which names are shown. On Windows, where backslashes part names, there are none that need it. */
export function nameGiven(text: string): ByteName {
  return process.platform === 'win32' ? nameFromText(text) : nameFromShown(text);
}
