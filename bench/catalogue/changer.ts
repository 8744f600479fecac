/**
 * Changes files, so many a second, until its standard input ends: of a hundred directories each has ten, to which a byte is appended in turn.
 *
 *   node changer.ts FOLDER PER_SECOND
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORIES = 100;
const FILES = 10;

const [folder, perSecond] = process.argv.slice(2) as [string, string];
for (let i = 0; i < DIRECTORIES; i++) mkdirSync(join(folder, `directory-${i}`));
const start = performance.now();
let changed = 0;
const timer = setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(perSecond);
  for (; changed < due; changed++) {
    const number = changed % (DIRECTORIES * FILES);
    appendFileSync(join(folder, `directory-${number % DIRECTORIES}`, `file-${Math.floor(number / DIRECTORIES)}`), 'x');
  }
}, 1);
process.stdin.on('end', () => clearInterval(timer)).resume();
console.log('changing');
