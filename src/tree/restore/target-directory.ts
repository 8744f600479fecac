import { hasErrno, VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import type { Entry } from '../types.ts';

const SELF = '.' as ByteName;
const SCRATCH_MODE = 0o700;

/**
 * A directory of the tree and the directory of the target that it becomes. It is made when the first thing in it is to be restored, held open while the
 * walk or a thread works in it, and gets its metadata when everything in it is done, since whatever is made in it changes its times.
 */
export class TargetDirectory {
  readonly parent: TargetDirectory | undefined;
  readonly entry: Entry;
  /** Whether it is wanted itself, and not only passed through on the way to something in it. */
  readonly selected: boolean;
  /** What stood in it before, by name; undefined when it is new. Known once it is open. */
  present: ReadonlySet<ByteName> | undefined;
  #directory: Directory | undefined;
  /** The directory as it was when it was opened first. */
  #opened: Stat | undefined;
  #users = 0;
  #heldByWalk = false;
  /** What is not done yet, and one for the walk. */
  #unfinished = 1;
  /** Whether it was made or found here, and so has metadata to be given. */
  touched = false;

  constructor(parent: TargetDirectory | undefined, entry: Entry, selected: boolean) {
    this.parent = parent;
    this.entry = entry;
    this.selected = selected;
  }

  /** Names below the root of the target. */
  get names(): ByteName[] {
    const names: ByteName[] = [];
    for (let at: TargetDirectory = this; at.parent !== undefined; at = at.parent) names.push(at.entry.name);
    return names.reverse();
  }

  /** The path below the root, with a slash at its end; empty for the root. */
  get path(): string {
    return this.names.reduce((path, name) => `${path}${name}/`, '');
  }

  /** Sets the open directory, which the walk holds until it calls `leave`. */
  opened(directory: Directory, present: ReadonlySet<ByteName> | undefined): void {
    this.#hold(directory);
    this.#opened = new Stat();
    directory.stat(SELF, this.#opened);
    this.present = present;
    this.touched = true;
  }

  /** Opens it again from one below it, when it was closed to spare descriptors. False when what is above that one is another directory now. */
  reopen(below: Directory): boolean {
    const directory = below.openParent();
    const now = new Stat();
    if (this.#opened === undefined || !directory.stat(SELF, now) || !now.sameFile(this.#opened)) {
      directory.close();
      return false;
    }
    this.#hold(directory);
    return true;
  }

  /** The directory, if it is open. */
  get directory(): Directory | undefined {
    return this.#directory;
  }

  /** The walk needs it no more, or not for a long time; whoever else works in it keeps it open. */
  leave(): void {
    if (!this.#heldByWalk) return;
    this.#heldByWalk = false;
    this.release();
  }

  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#directory?.close();
    this.#directory = undefined;
  }

  #hold(directory: Directory): void {
    this.#directory = directory;
    this.#users = 1;
    this.#heldByWalk = true;
  }

  expect(): void {
    this.#unfinished++;
  }

  /** True when that was the last. */
  done(): boolean {
    this.#unfinished--;
    return this.#unfinished === 0;
  }
}

/** Opens the directory `name`, or makes it; what is in the way and no directory is removed. `present` is what stood in it. */
export function openOrMake(parent: Directory, name: ByteName): { readonly directory: Directory; readonly present: ReadonlySet<ByteName> | undefined } {
  try {
    const directory = parent.openDirectory(name);
    return { directory, present: new Set(directory.entries().names) };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    if (!hasErrno(error, 'ENOENT')) parent.remove(name);
  }
  parent.makeDirectory(name, SCRATCH_MODE);
  return { directory: parent.openDirectory(name), present: undefined };
}

/** Opens a directory below `root` by its names, however deep. */
export function openBelow(root: Directory, names: readonly ByteName[]): Directory {
  let directory = root.openDirectory(SELF);
  for (const name of names) {
    const next = directory.openDirectory(name);
    directory.close();
    directory = next;
  }
  return directory;
}

/** Removes an entry and everything below it, never following a symbolic link. Returns how many entries went. */
export function removeTree(directory: Directory, name: ByteName): number {
  const stat = new Stat();
  if (!directory.stat(name, stat)) return 0;
  if (stat.kind !== 'directory') {
    directory.remove(name);
    return 1;
  }
  let removed = 0;
  const child = directory.openDirectory(name);
  try {
    for (const inner of child.entries().names) removed += removeTree(child, inner);
  } finally {
    child.close();
  }
  directory.removeDirectory(name);
  return removed + 1;
}

/** A new directory at `path`, with all above it that is missing. */
export function openTarget(path: ByteName): { readonly directory: Directory; readonly present: ReadonlySet<ByteName> | undefined } {
  const trimmed = path.replace(/(.)\/+$/, '$1') as ByteName;
  const slash = trimmed.lastIndexOf('/');
  const above = (slash < 0 ? '.' : slash === 0 ? '/' : trimmed.slice(0, slash)) as ByteName;
  const parent = openOrMakeAbove(above);
  try {
    return openOrMake(parent, trimmed.slice(slash + 1) as ByteName);
  } finally {
    parent.close();
  }
}

function openOrMakeAbove(path: ByteName): Directory {
  try {
    return system().openDirectory(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return openTarget(path).directory;
  }
}

/** An error of a single item, or a bug that must not be swallowed. */
export function asItemError(error: unknown): VarveError {
  if (error instanceof VarveError) return error;
  throw error;
}
