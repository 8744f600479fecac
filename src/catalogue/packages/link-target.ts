import fs from 'node:fs';
import { ifReachable } from './if-reachable.ts';

/** Where a symbolic link leads, as its bytes; undefined where there is none. */
export function linkTarget(path: string | Buffer): string | undefined {
  return ifReachable(() => fs.readlinkSync(path, 'latin1'));
}
