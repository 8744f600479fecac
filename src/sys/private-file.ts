import fs from 'node:fs';
import { hasErrno } from '../base/errors.ts';

const OWNER_ALONE = 0o600;
const OTHERS = 0o077;

/** Makes an empty file for its owner alone; returns whether there was none. */
export function makePrivateFile(file: string): boolean {
  try {
    fs.closeSync(fs.openSync(file, 'wx', OWNER_ALONE));
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Takes a file of ours, if it is there, from its group and all others. It is not opened: that would end locks which this process has on it. */
export function takeFromOthers(file: string): void {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && stat.uid === process.geteuid?.() && (stat.mode & OTHERS) !== 0) fs.chmodSync(file, stat.mode & ~OTHERS);
}
