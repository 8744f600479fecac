import fs from 'node:fs';
import { ifReachable } from './if-reachable.ts';

/** Tells one state of a file or folder from another, by its times, size and inode; empty where it is not there. */
export function fileStamp(path: string | Buffer): string {
  const stat = ifReachable(() => fs.lstatSync(path, { bigint: true }));
  return stat === undefined ? '' : `${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}.${stat.ino}`;
}
