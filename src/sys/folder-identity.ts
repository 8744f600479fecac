import type { ByteName } from '../base/names.ts';
import { Stat } from './stat.ts';
import { system } from './system.ts';

const SELF = '.' as ByteName;

/** By what a folder is recognised wherever it is met: device and inode. */
export function folderIdentity({ dev, ino }: Pick<Stat, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/** That of the folder at a path; undefined when there is none, or none that can be opened. */
export function identityAt(path: ByteName): string | undefined {
  try {
    using directory = system().openDirectory(path);
    const stat = new Stat();
    return directory.stat(SELF, stat) ? folderIdentity(stat) : undefined;
  } catch {
    return undefined;
  }
}
