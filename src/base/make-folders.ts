import fs from 'node:fs';
import path from 'node:path';
import { hasErrno } from './errors.ts';
import { isFolder } from './is-folder.ts';

/**
 * Makes a folder, and those around it that are missing, one by one from the outermost down; returns those that were missing, in that order. Throws what the system
 * says where one cannot be made. Node's own `mkdirSync` with `recursive` tries for ever where a folder that is there answers with ENOENT, as /proc does.
 */
export function makeMissingFolders(folder: string, mode = 0o700): string[] {
  const innermost = path.resolve(folder);
  if (isFolder(innermost)) return [];
  const missing = [innermost];
  for (let at = path.dirname(innermost); !isThere(at) && at !== path.dirname(at); at = path.dirname(at)) missing.unshift(at);
  for (const each of missing) makeUnlessThere(each, mode);
  return missing;
}

/** Another process may make the same one meanwhile. */
function makeUnlessThere(folder: string, mode: number): void {
  try {
    fs.mkdirSync(folder, { mode });
  } catch (error) {
    if (!hasErrno(error, 'EEXIST') || !isFolder(folder)) throw error;
  }
}

function isThere(at: string): boolean {
  return fs.statSync(at, { throwIfNoEntry: false }) !== undefined;
}
