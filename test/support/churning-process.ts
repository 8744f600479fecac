import fs from 'node:fs';
import { join } from 'node:path';
import { ChurningTree } from '../reliability/churning-tree.ts';
import { Random } from './random.ts';

/** A program that changes the files of a folder until it is killed: `node churning-process.ts FOLDER SEED`. It says so by a line when the first files are there. */
const [folder, seed] = process.argv.slice(2) as [string, string];
const random = new Random(Number(seed));
const tree = new ChurningTree(join(folder, 'files'), random, 200);
const directories = join(folder, 'directories');
fs.mkdirSync(directories);
process.stdout.write('churning\n');

const pause = new Int32Array(new SharedArrayBuffer(4));
for (let made = 0; ; made++) {
  tree.churn();
  churnDirectories(made);
  if (random.chance(0.2)) Atomics.wait(pause, 0, 0, random.below(20));
}

/** Whole directories come, go, and go into one another. */
function churnDirectories(made: number): void {
  const names = fs.readdirSync(directories);
  const any = () => join(directories, random.pick(names));
  if (names.length < 4 || random.chance(0.3)) {
    fs.mkdirSync(join(directories, `${made}/inner/deep`), { recursive: true });
    for (const name of ['a', 'inner/b', 'inner/deep/c']) fs.writeFileSync(join(directories, String(made), name), name);
  } else if (random.chance(0.4)) {
    fs.renameSync(any(), join(directories, `renamed ${made}`));
  } else if (random.chance(0.5)) {
    const [from, to] = [any(), any()];
    if (from !== to) fs.renameSync(from, join(to, `moved ${made}`));
  } else {
    fs.rmSync(any(), { recursive: true });
  }
}
