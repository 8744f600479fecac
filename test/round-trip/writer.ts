import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';

/**
 * A program that never stops changing a folder: `node writer.ts MODE FOLDER OUTSIDE`. It prints a line when the folder is filled.
 *
 * - `rewrite`: files of records that all hold the number of their generation. Each is overwritten from its beginning to its end by the next one, cut and grown
 *   again, or replaced; so at every moment it holds one generation, or one and behind it the rest of the one before.
 *   With `rewrite-large`, one of them is large enough to be cut by several threads.
 * - `churn`: files and folders come and go.
 * - `swap`: a name is now a folder, now a symbolic link to OUTSIDE, a file, or a FIFO.
 */
const [mode, folder, outside] = process.argv.slice(2) as ['rewrite' | 'rewrite-large' | 'churn' | 'swap', string, string];

const RECORD_BYTES = 16;
const SIZES = [1, 50, 255, 256, 257, 3000, 20_000, 100_000, 300_000];
const LARGE_RECORDS = (66 << 20) / RECORD_BYTES;

function records(generation: number, count: number): Buffer {
  return Buffer.alloc(count * RECORD_BYTES, `generation ${String(generation).padStart(4, '0')}\n`.slice(-RECORD_BYTES));
}

function overwrite(path: string, generation: number, count: number, pieces: number): void {
  const fd = fs.openSync(path, 'r+');
  const bytes = records(generation, count);
  const step = Math.ceil(count / pieces) * RECORD_BYTES;
  for (let at = 0; at < bytes.length; at += step) fs.writeSync(fd, bytes, at, Math.min(step, bytes.length - at), at);
  fs.closeSync(fd);
}

function rewrite(): void {
  const files = [...SIZES, ...SIZES, ...(mode === 'rewrite' ? SIZES : [LARGE_RECORDS])].map((count, i) => ({
    path: join(folder, `file-${i}`),
    count,
    generation: 0,
  }));
  for (const { path, count } of files) fs.writeFileSync(path, records(0, count));
  console.log('filled');
  for (let turn = 0; ; turn++) {
    for (const file of files) {
      const { path, count } = file;
      if (count === LARGE_RECORDS && turn % 50 !== 0) continue;
      const generation = ++file.generation;
      const way = (turn + count) % 4;
      if (way === 0) fs.truncateSync(path, 0);
      if (way === 1) {
        fs.writeFileSync(`${path}.new`, records(generation, count));
        fs.renameSync(`${path}.new`, path);
      } else {
        overwrite(path, generation, count, 7);
      }
    }
  }
}

function churn(): void {
  for (let turn = 0; ; turn++) {
    const at = join(folder, `folder-${turn % 40}`);
    fs.rmSync(at, { recursive: true, force: true });
    fs.mkdirSync(join(at, 'in/side'), { recursive: true });
    for (let i = 0; i < 5; i++) fs.writeFileSync(join(at, 'in', `file-${i}`), records(turn, i * 500));
    fs.symlinkSync(`target-${turn}`, join(at, 'link'));
    fs.renameSync(join(at, 'in/side'), join(at, 'out'));
    if (turn === 40) {
      fs.writeFileSync(join(folder, 'vanishing-large'), Buffer.alloc(65 << 20, 'x'));
      console.log('filled');
    }
    if (turn % 40 === 30) {
      fs.rmSync(join(folder, 'vanishing-large'), { force: true });
      fs.writeFileSync(join(folder, 'vanishing-large'), Buffer.alloc(65 << 20, 'x'));
    }
  }
}

function swap(): void {
  for (let i = 0; i < 20; i++) fs.mkdirSync(join(folder, `name-${i}`));
  console.log('filled');
  for (let turn = 0; ; turn++) {
    const path = join(folder, `name-${turn % 20}`);
    fs.rmSync(path, { recursive: true, force: true });
    const way = Math.floor(turn / 20) % 5;
    if (way === 0) fs.mkdirSync(path);
    else if (way === 1 || way === 3) fs.symlinkSync(outside, path);
    else if (way === 2) fs.writeFileSync(path, records(turn, 1000));
    else execFileSync('mkfifo', [path]);
    if (way === 0) fs.writeFileSync(join(path, 'inside'), '');
  }
}

if (mode === 'rewrite' || mode === 'rewrite-large') rewrite();
if (mode === 'churn') churn();
if (mode === 'swap') swap();
