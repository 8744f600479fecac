import type { ByteName } from '../../base/names.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import type { Xattr } from '../types.ts';

/** The extended attributes of an open file, sorted by name; undefined when there are none. */
export function readFileXattrs(fd: number): Xattr[] | undefined {
  return collect(system().listFileXattrs(fd), (name) => system().getFileXattr(fd, name));
}

/** Those of an entry, whatever its kind; `.` for the directory itself. */
export function readXattrs(directory: Directory, entry: ByteName): Xattr[] | undefined {
  return collect(directory.listXattrs(entry), (name) => directory.getXattr(entry, name));
}

function collect(names: readonly ByteName[], get: (name: ByteName) => Buffer | undefined): Xattr[] | undefined {
  if (names.length === 0) return undefined;
  const xattrs = names.flatMap((name) => {
    const value = get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  return xattrs.length > 0 ? xattrs : undefined;
}
