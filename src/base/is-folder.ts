import fs from 'node:fs';

/** Whether there is a folder at a path, be it through links. Throws what the system says where that cannot be found out. */
export function isFolder(at: string | Uint8Array): boolean {
  return fs.statSync(at as fs.PathLike, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
