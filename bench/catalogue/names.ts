import { FILES_A_DIRECTORY, makeEmptyTree } from '../corpora/empty-tree.ts';
import type { Corpus } from '../corpora/types.ts';

/** So many empty files. */
export function emptyFiles(count: number): Corpus {
  return {
    name: `empty-${count}`,
    about: `${count.toLocaleString('en')} empty files, ${FILES_A_DIRECTORY} in a directory`,
    make: (folder) => makeEmptyTree(folder, count, (file) => `file-${file}.${file % 7 === 0 ? 'txt' : 'jpeg'}`),
  };
}
