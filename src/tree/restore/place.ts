import fs from 'node:fs';
import { hasErrno, UsageError } from '../../base/errors.ts';
import { type ByteName, nameToBytes, showName } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import type { Entry } from '../types.ts';

/** Until a directory has the metadata of the tree, its content is the user's alone. One that the tree does not know is made as any other program would. */
const SCRATCH_MODE = 0o700;
const OPEN_MODE = 0o777;

/** Where a restore goes. */
export interface Place {
  /** The directory that is restored into, open; undefined in a dry run, where it would have to be made. */
  readonly directory: Directory | undefined;
  /** What stands in it; undefined when it is new. */
  readonly present: ReadonlySet<ByteName> | undefined;
  /** The name that an entry gets which is no directory. */
  readonly name: ByteName;
}

/**
 * Opens the place for `root`: `target` itself for a directory; for anything else the directory that `target` is, or else the one that it shall stand in. What is missing is
 * made, with the mode that the user's mask leaves. Throws UsageError when a directory would have to take the place of something else.
 */
export function openPlace(root: Entry, target: ByteName, dryRun: boolean): Place {
  const existing = openExisting(target);
  const slash = target.lastIndexOf('/');
  if (root.kind === 'directory' || existing !== undefined || slash === target.length - 1) {
    if (root.kind !== 'directory' && root.name === '') {
      existing?.directory?.close();
      throw new UsageError(
        `${showName(target)} is a directory, and what is to be restored has no name of its own`,
        'Name the file that it is to become.',
      );
    }
    return { ...(existing ?? make(target, root.kind === 'directory' ? SCRATCH_MODE : OPEN_MODE, dryRun)), name: root.name };
  }
  const above = (slash < 0 ? '.' : target.slice(0, slash + 1)) as ByteName;
  return { ...(openExisting(above) ?? make(above, OPEN_MODE, dryRun)), name: target.slice(slash + 1) as ByteName };
}

type Opened = Pick<Place, 'directory' | 'present'>;

function openExisting(path: ByteName): Opened | undefined {
  try {
    const directory = system().openDirectory(path);
    return { directory, present: new Set(directory.entries().names) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function make(path: ByteName, mode: number, dryRun: boolean): Opened {
  if (!dryRun) return { directory: makeDirectories(path, mode), present: undefined };
  if (fs.lstatSync(nameToBytes(path), { throwIfNoEntry: false }) !== undefined) throw inTheWay(path);
  return { directory: undefined, present: undefined };
}

/** Makes a directory, with all above it that are missing. */
function makeDirectories(path: ByteName, mode: number): Directory {
  const trimmed = path.replace(/(.)\/+$/, '$1');
  const slash = trimmed.lastIndexOf('/');
  const above = (slash < 0 ? '.' : slash === 0 ? '/' : trimmed.slice(0, slash)) as ByteName;
  using parent = openOrMakeAbove(above);
  const name = trimmed.slice(slash + 1) as ByteName;
  try {
    parent.makeDirectory(name, mode);
  } catch (error) {
    throw hasErrno(error, 'EEXIST') ? inTheWay(path) : error;
  }
  return parent.openDirectory(name);
}

function openOrMakeAbove(path: ByteName): Directory {
  try {
    return system().openDirectory(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return makeDirectories(path, OPEN_MODE);
  }
}

function inTheWay(path: ByteName): UsageError {
  return new UsageError(`${showName(path)} is not a directory`, 'Name another target, or remove what is there.');
}
