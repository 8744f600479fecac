import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { largeFiles } from './large-files.ts';
import { releases } from './releases.ts';
import { growingSeries, smallFiles } from './small-files.ts';
import type { Corpus } from './types.ts';
import { usr } from './usr.ts';

/** What whole trees are measured on. */
export const TREES: readonly Corpus[] = [
  smallFiles('small-20k', 20_000),
  smallFiles('small-200k', 200_000),
  largeFiles('large-3g', 3e9),
  usr,
];

/** To see how memory grows with the size of the work. */
export const GROWING: readonly Corpus[] = [largeFiles('large-1g', 1e9), largeFiles('large-10g', 1e10)];

/** What successive revisions are measured on. */
export const SERIES: readonly Corpus[] = [releases];

/** What shows that a benchmark still runs. */
export const SMOKE: readonly Corpus[] = [smallFiles('smoke-small', 100), largeFiles('smoke-large', 4e6)];
export const SMOKE_SERIES: readonly Corpus[] = [growingSeries('smoke-series', [10, 20])];

/** The folder of a corpus under `cache`, made now unless it is there. It appears whole or not at all. */
export async function ready(corpus: Corpus, cache: string): Promise<string> {
  const folder = join(cache, corpus.name);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.making`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  await corpus.make(temporary);
  renameSync(temporary, folder);
  return folder;
}
