import { readFileSync } from 'node:fs';
import { hasErrno } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';

/** A file system, or a part of one, where it is mounted (proc_pid_mountinfo(5)). */
export interface Mount {
  /** Its number; those of mounts that are gone are used again. */
  readonly id: number;
  /** major:minor, as the kernel writes it. Equal for mounts of one file system. */
  readonly device: string;
  /** Which directory of the file system is seen there: `/` for its top, another for a bind mount or a subvolume. */
  readonly top: ByteName;
  /** Where it is. */
  readonly path: ByteName;
  /** The type of the file system, such as `ext4`. */
  readonly type: string;
  /** What is mounted: a device, a share, or a word. */
  readonly source: ByteName;
  readonly isReadOnly: boolean;
}

/** What this process sees mounted, the later above the earlier; undefined where the system does not tell. */
export function readMounts(file = '/proc/self/mountinfo'): Mount[] | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const [id, , device, top, path, options = ''] = fields;
    // The number of fields before the hyphen differs.
    const [type, source = ''] = fields.slice(fields.indexOf('-') + 1);
    if (device === undefined || top === undefined || path === undefined || type === undefined) return [];
    const isReadOnly = options.split(',').includes('ro');
    return [{ id: Number(id), device, top: unescaped(top), path: unescaped(path), type, source: unescaped(source), isReadOnly }];
  });
}

/** Blanks, tabs, line ends and backslashes stand there as three octal digits. */
function unescaped(field: string): ByteName {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))) as ByteName;
}

/** File systems on which nobody but this kernel makes changes, so that it can tell of all of them. */
const LOCAL = new Set('bcachefs btrfs exfat ext2 ext3 ext4 f2fs hfsplus jfs nilfs2 ntfs3 overlay ramfs tmpfs udf vfat xfs zfs'.split(' '));

/** Whether the kernel is told of every change in a file system of this type; of what other machines or processes of users serve, it is not. */
export function tellsOfChanges(type: string): boolean {
  return LOCAL.has(type);
}
