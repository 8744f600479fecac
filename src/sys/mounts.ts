import { readFileSync } from 'node:fs';
import { hasErrno } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';

/** Something mounted, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)). */
export interface Mount {
  /** Its number; those of mounts that are gone are used again. */
  readonly id: number;
  /** Of its file system: what two mounts of one have in common. */
  readonly device: string;
  /** What of its file system it shows: a path in there. */
  readonly top: ByteName;
  /** Where it is. */
  readonly path: ByteName;
  /** The type of the file system, such as `ext4`. */
  readonly type: string;
}

/** What this process sees mounted, the later above the earlier; undefined where the system does not tell. */
export function readMounts(): Mount[] | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    // The number of fields before the hyphen differs.
    const [, id, device, top, path, type] = /^(\d+) \d+ (\S+) (\S+) (\S+) .*? - (\S+) /.exec(line) ?? [];
    if (id === undefined || device === undefined || top === undefined || path === undefined || type === undefined) return [];
    return [{ id: Number(id), device, top: unescaped(top), path: unescaped(path), type }];
  });
}

/** Blanks and backslashes are written as octal numbers. */
function unescaped(path: string): ByteName {
  return path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))) as ByteName;
}

/** File systems on which nobody but this kernel makes changes, so that it can tell of all of them. */
const LOCAL = new Set('bcachefs btrfs exfat ext2 ext3 ext4 f2fs hfsplus jfs nilfs2 ntfs3 overlay ramfs tmpfs udf vfat xfs zfs'.split(' '));

/** Whether the kernel is told of every change in a file system of this type; of what other machines or processes of users serve, it is not. */
export function tellsOfChanges(type: string): boolean {
  return LOCAL.has(type);
}
