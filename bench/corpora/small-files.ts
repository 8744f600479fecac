import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Material } from './material.ts';
import { Random } from './random.ts';
import type { Corpus } from './types.ts';

const SMALLEST_BYTES = 200;
const LARGEST_BYTES = 16 * 1024;
/** Directories of this many files, in groups of as many directories, as source trees tend to have. */
const FILES_A_DIRECTORY = 20;
/** One file in this many holds what nothing compresses, as pictures and archives do. */
const RANDOM_EVERY = 10;

/** Many files of 0.2 to 16 KiB: slices of real files, no two alike. */
export function smallFiles(name: string, count: number): Corpus {
  return {
    name,
    about: `${count.toLocaleString('en')} files of 0.2 to 16 KiB: slices of the files of /usr, one in ${RANDOM_EVERY} random`,
    make: (folder) => makeSmallFiles(folder, count),
  };
}

/** Revisions of so many files each, of which the later begin as the earlier. */
export function growingSeries(name: string, counts: readonly number[]): Corpus {
  return {
    name,
    about: `revisions of ${counts.join(', ')} small files`,
    make(folder) {
      for (const [i, count] of counts.entries()) makeSmallFiles(join(folder, String(i + 1)), count, 1);
    },
  };
}

function makeSmallFiles(folder: string, count: number, seed = count): void {
  const random = new Random(seed);
  const material = new Material('/usr');
  let directory = folder;
  for (let i = 0; i < count; i++) {
    if (i % FILES_A_DIRECTORY === 0) {
      const number = i / FILES_A_DIRECTORY;
      directory = join(folder, `group-${Math.floor(number / FILES_A_DIRECTORY)}`, `part-${number}`);
      mkdirSync(directory, { recursive: true });
    }
    const size = random.size(SMALLEST_BYTES, LARGEST_BYTES);
    const content = i % RANDOM_EVERY === 0 ? random.bytes(size) : material.take(size);
    writeFileSync(join(directory, `file-${i}${material.extension}`), content);
  }
  material.close();
}
