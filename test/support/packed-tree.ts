import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';

/** Packs a folder `packed`, with so many directories of one directory with five files each, into an archive in `outside`, and returns its path. */
export function packTree(outside: string, directories: number): string {
  const packed = join(outside, 'packed');
  for (let i = 0; i < directories; i++) {
    const directory = join(packed, `directory-${i}`, 'below');
    fs.mkdirSync(directory, { recursive: true });
    for (let file = 0; file < 5; file++) fs.writeFileSync(join(directory, `file-${file}`), String(file));
  }
  const archive = join(outside, 'archive.tar');
  execFileSync('tar', ['-cf', archive, '-C', outside, 'packed']);
  return archive;
}
