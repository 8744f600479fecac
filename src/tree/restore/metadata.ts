import { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import type { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory, Time } from '../../sys/types.ts';
import type { Entry, Xattr } from '../types.ts';

/** Owner numbers as they are to be on this machine. */
export interface LocalOwner {
  readonly uid: number;
  readonly gid: number;
}

const SPECIAL_BITS = 0o7000;
const SET_ID_BITS = 0o6000;

/** What an entry's metadata is applied to: an open file, or a name in a directory. */
export interface MetadataTarget {
  setOwner(uid: number, gid: number): void;
  setMode(mode: number): void;
  listXattrs(): ByteName[];
  getXattr(name: ByteName): Uint8Array | undefined;
  setXattr(name: ByteName, value: Uint8Array): void;
  removeXattr(name: ByteName): void;
  setTimes(mtime: Time): void;
}

/** An open file; made for each file that is restored. */
class FileTarget implements MetadataTarget {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }
  setOwner(uid: number, gid: number): void {
    system().setFileOwner(this.#fd, uid, gid);
  }
  setMode(mode: number): void {
    system().setFileMode(this.#fd, mode);
  }
  listXattrs(): ByteName[] {
    return system().listFileXattrs(this.#fd);
  }
  getXattr(name: ByteName): Uint8Array | undefined {
    return system().getFileXattr(this.#fd, name);
  }
  setXattr(name: ByteName, value: Uint8Array): void {
    system().setFileXattr(this.#fd, name, value);
  }
  removeXattr(name: ByteName): void {
    system().removeFileXattr(this.#fd, name);
  }
  setTimes(mtime: Time): void {
    system().setFileTimes(this.#fd, mtime);
  }
}

export function fileTarget(fd: number): MetadataTarget {
  return new FileTarget(fd);
}

export function namedTarget(directory: Directory, name: ByteName): MetadataTarget {
  return {
    setOwner: (uid, gid) => directory.setOwner(name, uid, gid),
    setMode: (mode) => directory.setMode(name, mode),
    listXattrs: () => directory.listXattrs(name),
    getXattr: (attribute) => directory.getXattr(name, attribute),
    setXattr: (attribute, value) => directory.setXattr(name, attribute, value),
    removeXattr: (attribute) => directory.removeXattr(name, attribute),
    setTimes: (mtime) => directory.setTimes(name, mtime),
  };
}

/** What is known of the target before: nothing is set that is right already. */
export interface PresentMetadata {
  readonly owner: LocalOwner | undefined;
  /** Undefined: unknown. */
  readonly mode: number | undefined;
  readonly mtime: Time | undefined;
  /** Whether it may have extended attributes: false for what was just made, unless it inherits. */
  readonly mayHaveXattrs: boolean;
}

/** What a stat knows. */
export function presentMetadata({ uid, gid, mode, mtime }: Stat, mayHaveXattrs: boolean): PresentMetadata {
  return { owner: { uid, gid }, mode, mtime, mayHaveXattrs };
}

export type MetadataFailureListener = (what: string, error: VarveError) => void;

/**
 * Gives a target the entry's owner, extended attributes, mode and modification time, in the one order in which none undoes or forbids another: a change of
 * owner clears set-id bits and capabilities, attributes cannot be set on what may not be written, and all but an attribute changes times. Set-id bits are withheld
 * when the owner cannot be set: they would lend the rights of somebody else.
 *
 * What the platform or the user's rights do not allow is told to `onFailure`, and the rest goes on.
 */
export function applyMetadata(
  target: MetadataTarget,
  entry: Entry,
  owner: LocalOwner,
  present: PresentMetadata,
  onFailure: MetadataFailureListener,
): void {
  const attempt = (what: string, action: () => void): boolean => {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      onFailure(what, error);
      return false;
    }
  };
  const ownerIsRight = isSameOwner(present, owner);
  const owned = ownerIsRight || attempt('owner', () => target.setOwner(owner.uid, owner.gid));
  applyXattrs(target, entry.xattrs ?? [], present.mayHaveXattrs, attempt);
  const mode = owned ? entry.mode : entry.mode & ~SET_ID_BITS;
  const modeIsRight = present.mode === mode && (ownerIsRight || (mode & SPECIAL_BITS) === 0);
  if (entry.kind !== 'symlink' && !modeIsRight) attempt('mode', () => target.setMode(mode));
  if (!isSameTime(present.mtime, entry.mtime)) attempt('times', () => target.setTimes(entry.mtime));
}

/** Whether `applyMetadata` would change anything. */
export function metadataDiffers(target: MetadataTarget, entry: Entry, owner: LocalOwner, present: PresentMetadata): boolean {
  if (!isSameOwner(present, owner) || !isSameTime(present.mtime, entry.mtime)) return true;
  if (entry.kind !== 'symlink' && present.mode !== entry.mode) return true;
  const wanted = entry.xattrs ?? [];
  try {
    const names = present.mayHaveXattrs ? target.listXattrs() : [];
    return names.length !== wanted.length || wanted.some((xattr) => !isSet(target, xattr));
  } catch (error) {
    // What cannot be read cannot be called right.
    if (!(error instanceof VarveError)) throw error;
    return true;
  }
}

function applyXattrs(
  target: MetadataTarget,
  wanted: readonly Xattr[],
  mayHaveXattrs: boolean,
  attempt: (what: string, action: () => void) => boolean,
): void {
  let names: ByteName[] = [];
  if (mayHaveXattrs) {
    attempt('extended attributes', () => {
      names = target.listXattrs();
    });
  }
  for (const name of names) {
    if (!wanted.some((xattr) => xattr.name === name)) attempt(`extended attribute ${showName(name)}`, () => target.removeXattr(name));
  }
  for (const xattr of wanted) {
    const { name, value } = xattr;
    attempt(`extended attribute ${showName(name)}`, () => {
      if (!names.includes(name) || !isSet(target, xattr)) target.setXattr(name, value);
    });
  }
}

/** Gives an open file the extended attributes that another one has. */
export function copyXattrs(from: number, to: number, onFailure: MetadataFailureListener): void {
  for (const name of system().listFileXattrs(from)) {
    try {
      const value = system().getFileXattr(from, name);
      if (value !== undefined) system().setFileXattr(to, name, value);
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      onFailure(`extended attribute ${showName(name)}`, error);
    }
  }
}

function isSet(target: MetadataTarget, { name, value }: Xattr): boolean {
  const present = target.getXattr(name);
  return present !== undefined && Buffer.compare(present, value) === 0;
}

function isSameOwner({ owner }: PresentMetadata, { uid, gid }: LocalOwner): boolean {
  return owner !== undefined && owner.uid === uid && owner.gid === gid;
}

function isSameTime(a: Time | undefined, b: Time): boolean {
  return a !== undefined && a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
}
