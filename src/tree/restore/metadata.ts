import { VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
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
  setXattr(name: ByteName, value: Uint8Array): void;
  removeXattr(name: ByteName): void;
  setTimes(mtime: Time): void;
}

export function fileTarget(fd: number): MetadataTarget {
  const sys = system();
  return {
    setOwner: (uid, gid) => sys.setFileOwner(fd, uid, gid),
    setMode: (mode) => sys.setFileMode(fd, mode),
    listXattrs: () => sys.listFileXattrs(fd),
    setXattr: (name, value) => sys.setFileXattr(fd, name, value),
    removeXattr: (name) => sys.removeFileXattr(fd, name),
    setTimes: (mtime) => sys.setFileTimes(fd, mtime),
  };
}

export function namedTarget(directory: Directory, name: ByteName): MetadataTarget {
  return {
    setOwner: (uid, gid) => directory.setOwner(name, uid, gid),
    setMode: (mode) => directory.setMode(name, mode),
    listXattrs: () => directory.listXattrs(name),
    setXattr: (attribute, value) => directory.setXattr(name, attribute, value),
    removeXattr: (attribute) => directory.removeXattr(name, attribute),
    setTimes: (mtime) => directory.setTimes(name, mtime),
  };
}

/** What is known of the target before: nothing has to be set that is right already. */
export interface PresentMetadata {
  readonly owner: LocalOwner | undefined;
  /** Undefined: unknown. */
  readonly mode: number | undefined;
  /** Whether it may have extended attributes that it should not have. */
  readonly mayHaveXattrs: boolean;
}

/**
 * Gives a target the entry's owner, mode, extended attributes and modification time, in the one order in which none undoes another: a change of
 * owner clears set-id bits and capabilities, and everything changes times. Set-id bits are withheld when the owner cannot be set: they would lend the rights of somebody else.
 *
 * What the platform or the user's rights do not allow is told to `onFailure`, and the rest goes on.
 */
export function applyMetadata(target: MetadataTarget, entry: Entry, owner: LocalOwner, present: PresentMetadata, onFailure: (what: string, error: VarveError) => void): void {
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
  const ownerIsRight = present.owner !== undefined && present.owner.uid === owner.uid && present.owner.gid === owner.gid;
  const owned = ownerIsRight || attempt('owner', () => target.setOwner(owner.uid, owner.gid));
  const mode = owned ? entry.mode : entry.mode & ~SET_ID_BITS;
  const modeIsRight = present.mode === mode && (ownerIsRight || (mode & SPECIAL_BITS) === 0);
  if (entry.kind !== 'symlink' && !modeIsRight) attempt('mode', () => target.setMode(mode));
  if (present.mayHaveXattrs) removeOthers(target, entry.xattrs ?? [], attempt);
  for (const { name, value } of entry.xattrs ?? []) attempt(`extended attribute ${name}`, () => target.setXattr(name, value));
  attempt('times', () => target.setTimes(entry.mtime));
}

function removeOthers(target: MetadataTarget, wanted: readonly Xattr[], attempt: (what: string, action: () => void) => boolean): void {
  let names: ByteName[] = [];
  attempt('extended attributes', () => {
    names = target.listXattrs();
  });
  for (const name of names) {
    if (!wanted.some((xattr) => xattr.name === name)) attempt(`extended attribute ${name}`, () => target.removeXattr(name));
  }
}
