import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus } from '../corpora/types.ts';

const FILES_A_DIRECTORY = 100;
const DIRECTORIES_A_GROUP = 100;

/** So many empty files: to a scan, what is in them is nothing. */
export function emptyFiles(count: number): Corpus {
  return {
    name: `empty-${count}`,
    about: `${count.toLocaleString('en')} empty files, ${FILES_A_DIRECTORY} in a directory`,
    make(folder) {
      let directory = folder;
      for (let i = 0; i < count; i++) {
        if (i % FILES_A_DIRECTORY === 0) {
          const number = i / FILES_A_DIRECTORY;
          directory = join(folder, `group-${Math.floor(number / DIRECTORIES_A_GROUP)}`, `directory-${number}`);
          mkdirSync(directory, { recursive: true });
        }
        writeFileSync(join(directory, `file-${i}.${i % 7 === 0 ? 'txt' : 'jpeg'}`), '');
      }
    },
  };
}
