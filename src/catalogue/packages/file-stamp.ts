import fs from 'node:fs';

/** Tells one state of a file or folder from another, by its times, size and inode; empty where it is not there. */
export function fileStamp(path: string | Buffer): string {
  const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}.${stat.ino}`;
}
