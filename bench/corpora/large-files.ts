import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Material } from './material.ts';
import { Random } from './random.ts';
import type { Corpus } from './types.ts';

const PIECE_BYTES = 1 << 20;

/** Ten files of equal length: concatenations of the files of /usr/lib, every third one random. */
export function largeFiles(name: string, totalBytes: number): Corpus {
  return {
    name,
    about: `10 files of ${Math.round(totalBytes / 1e7)} MB: the files of /usr/lib after one another, every third one random`,
    make: (folder) => makeLargeFiles(folder, totalBytes / 10),
  };
}

function makeLargeFiles(folder: string, fileBytes: number): void {
  const random = new Random(fileBytes);
  const material = new Material('/usr/lib');
  for (let i = 0; i < 10; i++) {
    const file = openSync(join(folder, `large-${i}`), 'w');
    for (let left = fileBytes; left > 0; ) {
      const size = Math.min(left, PIECE_BYTES);
      left -= writeSync(file, i % 3 === 2 ? random.bytes(size).subarray(0, size) : material.take(size));
    }
    closeSync(file);
  }
  material.close();
}
