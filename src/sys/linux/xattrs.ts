import { SystemError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { failedWith, failure } from '../posix/failure.ts';
import { libc } from '../posix/libc.ts';
import { encodeString } from '../posix/memory.ts';
import { checkName } from '../single-name.ts';

/** The kernel's bounds of a value and of a list of names are both 64 KiB (XATTR_SIZE_MAX, XATTR_LIST_MAX), so nothing is ever cut short. */
const buffer = Buffer.alloc(64 * 1024);

/** Extended attributes of an open file. */
export const fileXattrs = {
  list(fd: number): ByteName[] {
    return listed(libc.flistxattr(fd, buffer, buffer.length), 'flistxattr', fd);
  },
  get(fd: number, attribute: ByteName): Buffer | undefined {
    return gotten(libc.fgetxattr(fd, encodeAttribute(attribute), buffer, buffer.length), 'fgetxattr', fd);
  },
  set(fd: number, attribute: ByteName, value: Uint8Array): void {
    check(libc.fsetxattr(fd, encodeAttribute(attribute), value, value.length, 0), 'fsetxattr', fd);
  },
  remove(fd: number, attribute: ByteName): void {
    check(libc.fremovexattr(fd, encodeAttribute(attribute)), 'fremovexattr', fd);
  },
};

/**
 * Extended attributes of an entry of an open directory, also of a symbolic link itself. The calls know only paths (until Linux 6.13's getxattrat),
 * so the path starts at the directory's link in /proc, which leads to the very directory that is open; the last component is not followed.
 */
export const pathXattrs = {
  list(directory: number, name: ByteName): ByteName[] {
    // The directory itself is open: no path, and no look into /proc, is needed.
    if (name === '.') return fileXattrs.list(directory);
    return listed(libc.llistxattr(encodePath(directory, name), buffer, buffer.length), 'llistxattr', directory, name);
  },
  get(directory: number, name: ByteName, attribute: ByteName): Buffer | undefined {
    if (name === '.') return fileXattrs.get(directory, attribute);
    const path = encodePath(directory, name);
    return gotten(libc.lgetxattr(path, encodeAttribute(attribute), buffer, buffer.length), 'lgetxattr', directory, name);
  },
  set(directory: number, name: ByteName, attribute: ByteName, value: Uint8Array): void {
    if (name === '.') return fileXattrs.set(directory, attribute, value);
    const path = encodePath(directory, name);
    check(libc.lsetxattr(path, encodeAttribute(attribute), value, value.length, 0), 'lsetxattr', directory, name);
  },
  remove(directory: number, name: ByteName, attribute: ByteName): void {
    if (name === '.') return fileXattrs.remove(directory, attribute);
    check(libc.lremovexattr(encodePath(directory, name), encodeAttribute(attribute)), 'lremovexattr', directory, name);
  },
};

function listed(length: number, syscall: string, fd: number, name?: ByteName): ByteName[] {
  if (length === 0) return [];
  if (length < 0) {
    if (failedWith('EOPNOTSUPP')) return [];
    throw failure(syscall, fd, name);
  }
  // Every name is ended by NUL, the last one too.
  return (buffer.toString('latin1', 0, length - 1).split('\0') as ByteName[]).sort();
}

function gotten(length: number, syscall: string, fd: number, name?: ByteName): Buffer | undefined {
  if (length >= 0) return Buffer.from(buffer.subarray(0, length));
  if (failedWith('ENODATA')) return undefined;
  throw failure(syscall, fd, name);
}

function check(result: number, syscall: string, fd: number, name?: ByteName): void {
  if (result < 0) throw failure(syscall, fd, name);
}

function encodePath(directory: number, name: ByteName): Buffer {
  checkName(name);
  return encodeString(`/proc/self/fd/${directory}/${name}` as ByteName);
}

/** Unlike the name of a file, that of an attribute may hold a slash: it is no path. */
function encodeAttribute(attribute: ByteName): Buffer {
  if (attribute.length > XATTR_NAME_MAX) throw new SystemError('ENAMETOOLONG', 'attribute', showName(attribute));
  if (attribute === '' || FORBIDDEN.test(attribute)) throw new SystemError('EINVAL', 'attribute', showName(attribute));
  return encodeString(attribute);
}

const XATTR_NAME_MAX = 255;
/** NUL, and characters that are no byte. */
const FORBIDDEN = /[\0\u0100-\uffff]/;
