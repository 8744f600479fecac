import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../test/support/random.ts';

export interface DuplicatesTree {
  readonly smallFiles: number;
  readonly largeFiles: number;
  readonly largeBytes: number;
}

/**
 * A tree with many duplicates: of its small files half have the content of another; its large ones are all of one size, in pairs that are equal, and of the others some differ in their
 * middle alone. A part has further hard links.
 */
export function makeDuplicatesTree(top: string, { smallFiles, largeFiles, largeBytes }: DuplicatesTree): void {
  const random = new Random(1);
  const folders = Array.from({ length: Math.ceil(smallFiles / 50) }, (_, i) => join(top, `${i % 10}`, `folder-${i}`));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const contents: Buffer[] = [];
  for (let i = 0; i < smallFiles; i++) {
    if (contents.length === 0 || random.chance(0.5)) contents.push(random.bytes(1 + random.below(i % 20 === 0 ? 100_000 : 5000)));
    const path = join(random.pick(folders), `small-${i}`);
    writeFileSync(path, random.pick(contents));
    if (i % 100 === 0) linkSync(path, `${path}-link`);
  }
  const large = random.bytes(largeBytes);
  for (let i = 0; i < largeFiles; i++) {
    // Every second one is the one before once more.
    if (i % 2 === 0) large.writeUInt32LE(i, i % 4 === 0 ? 0 : largeBytes >> 1);
    writeFileSync(join(random.pick(folders), `large-${i}`), large);
  }
}
