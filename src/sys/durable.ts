import fs from 'node:fs';
import path from 'node:path';
import { makeMissingFolders } from '../base/make-folders.ts';
import { randomUuid } from './random.ts';

/**
 * Commits a whole file: a temporary file in the same folder, write, fsync, rename, fsync of the folder. The commit point is the rename: at any
 * interruption the path holds its complete old content (or nothing, as before) or its complete new content.
 */
export function commitFile(file: string, content: Uint8Array | string, mode = 0o600): void {
  const temporary = `${file}.${randomUuid()}.tmp`;
  const fd = fs.openSync(temporary, 'wx', mode);
  try {
    try {
      fs.writeFileSync(fd, content);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(path.dirname(file));
}

/** Makes a folder, and those around it that are missing; durably, so that what is synced inside of it is not lost with its name. */
export function makeFolder(folder: string, mode = 0o700): void {
  for (const made of makeMissingFolders(folder, mode).reverse()) syncFolder(path.dirname(made));
}

/** Makes the names of a folder durable. Where folders cannot be opened (Windows), the rename itself is all there is. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
