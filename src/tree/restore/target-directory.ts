import { hasErrno, VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import type { Entry } from '../types.ts';
import { type PresentMetadata, presentMetadata } from './metadata.ts';
import { openUsable } from './open-usable.ts';

const SELF = '.' as ByteName;
const DEFAULT_ACL = 'system.posix_acl_default' as ByteName;
const SCRATCH_MODE = 0o700;

let lastPath: { readonly of: TargetDirectory; readonly path: string } | undefined;

/**
 * A directory of the tree and the directory of the target that it becomes. It is made when the first thing in it is to be restored, held open while the
 * walk or a thread works in it, and gets its metadata when everything in it is done, since whatever is made in it changes its times.
 */
export class TargetDirectory {
  /** How many are open, of all restores of this thread. */
  static openCount = 0;
  readonly parent: TargetDirectory | undefined;
  readonly entry: Entry;
  /** Whether it is wanted itself, and not only passed through on the way to something in it. */
  readonly selected: boolean;
  /** What stood in it before, by name; undefined when it is new. Known once it is open. */
  present: ReadonlySet<ByteName> | undefined;
  /** The metadata that it had before; undefined when it is new. */
  before: PresentMetadata | undefined;
  #directory: Directory | undefined;
  /** Whether what is made in it inherits an access control list, which then may have to go. */
  inherits = false;
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

  /** The path below the root, with a slash at its end; empty for the root. Kept for one at a time: of deep trees all would take much memory. */
  get path(): string {
    if (lastPath?.of !== this) lastPath = { of: this, path: this.names.reduce((path, name) => `${path}${name}/`, '') };
    return lastPath.path;
  }

  /** Sets the open directory, which the walk holds until it calls `leave`. */
  opened({ directory, present, mode }: OpenedDirectory): void {
    this.hold(directory);
    this.present = present;
    this.touched = true;
    this.inherits = directory.getXattr(SELF, DEFAULT_ACL) !== undefined;
    if (this.#opened !== undefined) return;
    this.#opened = new Stat();
    directory.stat(SELF, this.#opened);
    this.before = present === undefined ? undefined : presentMetadata(this.#opened, true);
    if (mode !== undefined && this.before !== undefined) this.before = { ...this.before, mode };
  }

  /** Opens it again from one below it, when it was closed to spare descriptors. False when what is above that one is another directory now. */
  reopen(below: Directory): boolean {
    const directory = below.openParent();
    const now = new Stat();
    if (this.#opened === undefined || !directory.stat(SELF, now) || !now.sameFile(this.#opened)) {
      directory.close();
      return false;
    }
    this.hold(directory);
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
    if (this.#users > 0 || this.#directory === undefined) return;
    TargetDirectory.openCount--;
    this.#directory.close();
    this.#directory = undefined;
  }

  /** Sets the open directory once more. */
  hold(directory: Directory): void {
    TargetDirectory.openCount++;
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

/** The path of a name in a directory of the target, or with `.` its own, as it is told. */
export function shownPath(parent: TargetDirectory, name: ByteName): string {
  return showName((name === SELF ? parent.path.slice(0, -1) || SELF : parent.path + name) as ByteName);
}

/** A directory of the target that was opened or made. */
export interface OpenedDirectory {
  readonly directory: Directory;
  /** What stood in it; undefined when it is new. */
  readonly present: ReadonlySet<ByteName> | undefined;
  /** The mode that it had, when that had to be changed. */
  readonly mode?: number;
}

/** Makes the directory `name`, or opens it where it is; what is in the way and no directory is removed. `isNew`: there should be nothing of that name. */
export function openOrMake(parent: Directory, name: ByteName, isNew: boolean): OpenedDirectory {
  if (isNew && tryMake(parent, name)) return { directory: parent.openDirectory(name), present: undefined };
  try {
    const opened = openUsable(parent, name);
    return { ...opened, present: new Set(opened.directory.entries().names) };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    if (!hasErrno(error, 'ENOENT')) parent.remove(name);
  }
  parent.makeDirectory(name, SCRATCH_MODE);
  return { directory: parent.openDirectory(name), present: undefined };
}

/** False when there is something of that name after all. */
function tryMake(parent: Directory, name: ByteName): boolean {
  try {
    parent.makeDirectory(name, SCRATCH_MODE);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Opens a directory below `root` by its names, however deep. */
export function openBelow(root: Directory, names: readonly ByteName[]): Directory {
  let directory = root.openDirectory(SELF);
  for (const name of names) {
    try {
      const next = directory.openDirectory(name);
      directory.close();
      directory = next;
    } catch (error) {
      directory.close();
      throw error;
    }
  }
  return directory;
}

/** An error of a single item, or a bug that must not be swallowed. */
export function asItemError(error: unknown): VarveError {
  if (error instanceof VarveError) return error;
  throw error;
}
