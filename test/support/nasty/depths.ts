import type { Directory } from '../../../src/sys/types.ts';
import type { NastyContext } from './context.ts';
import { makeFile, makeFolder, text } from './make.ts';

const LEVELS = 2000;
/** 2000 of them make a path of 80 kB, twenty times PATH_MAX. */
const LONG_NAME = text('a rather long name of forty characters, x'.slice(0, 40));
/** With this many of 200 bytes a path still leaves room for where the tree stands. */
const LEVELS_WITHIN_PATH_MAX = 14;

export function makeDepths(directory: Directory, { scale, beyondPathMax }: NastyContext): void {
  makeChain(directory, 'within', 'd'.repeat(200), LEVELS_WITHIN_PATH_MAX);
  makeChain(directory, 'many', 'e', Math.min(1000, Math.ceil(LEVELS * scale)));
  if (beyondPathMax) makeChain(directory, 'beyond', LONG_NAME, Math.max(150, Math.ceil(LEVELS * scale)));
}

/** Directories in directories, each of which is held open only until the next is. */
function makeChain(directory: Directory, top: string, name: string, levels: number): void {
  let current = makeFolder(directory, top);
  for (let level = 0; level < levels; level++) {
    const next = makeFolder(current, name);
    if (level % 50 === 0) makeFile(current, 'beside', String(level));
    current.close();
    current = next;
  }
  makeFile(current, 'bottom', `level ${levels}`);
  current.close();
}
