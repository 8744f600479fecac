import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { atOneMoment } from '../../src/catalogue/database.ts';
import { type SearchQuestion, search } from '../../src/catalogue/questions/search.ts';
import type { Command } from '../peers/types.ts';
import type { Timing } from './time-command.ts';

/** Measures commands, one after another, from a small process. */
export function timeCommands(commands: readonly Command[]): Timing[] {
  const timer = join(import.meta.dirname, 'time-commands.ts');
  const run = spawnSync(process.execPath, [timer], { input: JSON.stringify(commands), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** Asks inside this process, whose database is open; the paths found are given back too. */
export function timeInside(database: DatabaseSync, question: SearchQuestion): { readonly timing: Timing; readonly paths: string[] } {
  return atOneMoment(database, () => {
    const started = performance.now();
    let firstMs: number | undefined;
    const paths: string[] = [];
    for (const batch of search(database, question)) {
      firstMs ??= performance.now() - started;
      for (const { path } of batch) paths.push(path);
    }
    const allMs = performance.now() - started;
    return { timing: { firstMs: firstMs ?? allMs, allMs }, paths };
  });
}

export function leastOf(timings: readonly Timing[]): Timing {
  return { firstMs: Math.min(...timings.map(({ firstMs }) => firstMs)), allMs: Math.min(...timings.map(({ allMs }) => allMs)) };
}
