import fs from 'node:fs';
import { join } from 'node:path';

/**
 * A program that does what it can to lead a restore astray: `node racer.ts TARGET OUTSIDE NAMES…`. Again and again it puts a symbolic link to OUTSIDE in the place of a
 * folder of TARGET, and takes it away. It prints a line when it has begun.
 */
const [target, outside, ...names] = process.argv.slice(2) as [string, string, ...string[]];

console.log('begun');
for (let turn = 0; ; turn++) {
  const path = join(target, names[turn % names.length] as string);
  const away = join(target, `${names[turn % names.length]}.away`);
  try {
    fs.renameSync(path, away);
    fs.symlinkSync(outside, path);
    fs.rmSync(path);
    fs.renameSync(away, path);
  } catch {
    // The restore was quicker.
    fs.rmSync(away, { recursive: true, force: true });
  }
}
