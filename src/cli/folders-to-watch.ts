import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { hasErrno, UsageError, VarveError } from '../base/errors.ts';
import { isFolder } from '../base/is-folder.ts';
import { type ByteName, nameFromText, nameToBytes, showName } from '../base/names.ts';
import { isBelow } from '../catalogue/look/paths.ts';
import type { Context } from './context.ts';
import { howToCall, userFolder } from './how-to-call.ts';
import { knownRoots } from './known-roots.ts';
import { realPath } from './real-path.ts';
import { shellQuote } from './shell-quote.ts';

/** The folders that are to be watched, by their paths without links. One that is watched already may be missing, as it may when nobody names it. Throws UsageError. */
export function foldersToWatch(context: Context, given: readonly string[]): ByteName[] {
  const known = knownRoots(context);
  const folders = given.map((text) => {
    const path = resolve(userFolder(), text);
    const real = realPath(nameFromText(path));
    return real !== undefined && known.includes(real) ? real : realFolder(path);
  });
  refuseMissing(known, folders);
  return folders;
}

/** Throws when no folder is named and none is known: a daemon would have nothing to watch. `command` is the one that names folders. */
export function refuseNoFolder(context: Context, given: readonly string[], command: string): void {
  if (given.length > 0 || knownRoots(context).length > 0) return;
  throw new VarveError('NO_ROOTS', 'there is no folder to watch yet', { advice: `Name one: ${howToCall()} ${command} DIR` });
}

/** Watched folders inside of those that are to be watched become a part of them, and have to be there for that. */
function refuseMissing(known: readonly ByteName[], folders: readonly ByteName[]): void {
  for (const root of known) {
    const around = folders.find((folder) => folder !== root && isBelow(root, folder));
    if (around === undefined || isFolder(nameToBytes(root))) continue;
    const shown = showName(root);
    throw new UsageError(
      `${shown} is watched, lies in ${showName(around)}, and is not there`,
      `Bring it back, or watch it no more: ${howToCall()} roots --remove ${shellQuote(shown)}`,
    );
  }
}

/** An existing folder, by the path without links. */
function realFolder(path: string): ByteName {
  try {
    const real = realpathSync(path);
    if (!statSync(real).isDirectory())
      throw new UsageError(`${path} is no folder`, 'What is watched are folders: name the one that it is in.');
    return nameFromText(real);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw new UsageError(`there is no folder ${path}`);
    throw error;
  }
}
