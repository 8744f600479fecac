import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const FILES_A_DIRECTORY = 100;
const DIRECTORIES_A_GROUP = 100;

/** Makes so many empty files, a hundred in a directory, and a hundred directories in a group: to a scan, and to a search for names, what is in them is nothing. */
export function makeEmptyTree(folder: string, count: number, nameOf: (file: number) => string): void {
  let directory = folder;
  for (let file = 0; file < count; file++) {
    if (file % FILES_A_DIRECTORY === 0) {
      const number = file / FILES_A_DIRECTORY;
      directory = join(folder, `group-${Math.floor(number / DIRECTORIES_A_GROUP)}`, `directory-${number}`);
      mkdirSync(directory, { recursive: true });
    }
    writeFileSync(join(directory, nameOf(file)), '');
  }
}
