import fs from 'node:fs';
import { hasErrno } from '../../base/errors.ts';
import { makeFolder } from '../../sys/durable.ts';
import { UnreachableStoreError } from '../errors.ts';
import { writeFailure } from '../write-failure.ts';
import type { Layout } from './layout.ts';
import { listSegments } from './segment-file.ts';

/**
 * Makes the folders that a store being written to needs, as far as it can be written to. Throws UnreachableStoreError where there is none by now, its disk having been taken
 * away under whoever had opened it: nothing is to be made in its place. Throws as `assertArchives` does.
 */
export function makeFolders(layout: Layout): void {
  if (!fs.existsSync(layout.header) && !fs.existsSync(layout.headerCopy))
    throw new UnreachableStoreError(layout.root, 'the store is gone from here', {
      advice: 'Mount the disk that it is on, or put it back.',
    });
  assertArchives(layout);
  const { archives, segments, index, sessions } = layout;
  for (const folder of [archives, segments, index, sessions]) {
    try {
      makeFolder(folder);
    } catch (error) {
      if (!hasErrno(error, 'EROFS', 'EEXIST')) throw writeFailure(error, folder);
    }
  }
}

/** The names of the files in the folder of archives. Throws as `assertArchives` does. */
export function listArchiveFiles(layout: Layout): string[] {
  try {
    return fs.readdirSync(layout.archives);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    assertArchives(layout);
    return [];
  }
}

/**
 * Throws UnreachableStoreError when the folder of archives is gone while there are segments. It is made before they are: so every revision is gone with it, and a collector
 * would take everything that they named for garbage.
 */
function assertArchives(layout: Layout): void {
  if (fs.existsSync(layout.archives) || listSegments(layout).size === 0) return;
  throw new UnreachableStoreError(layout.root, `its folder ${layout.archives} is gone, and with it the list of every revision`, {
    advice: 'Put it back from where it was moved, or from a copy of the store. To give up every revision, make it anew, empty.',
  });
}
