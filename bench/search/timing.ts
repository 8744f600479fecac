import { spawn } from 'node:child_process';
import type { DatabaseSync } from 'node:sqlite';
import { atOneMoment } from '../../src/catalogue/database.ts';
import { type SearchQuestion, search } from '../../src/catalogue/questions/search.ts';
import type { Command } from '../peers/types.ts';
import { median } from '../statistics.ts';

/** From the start to the first result (to the end where there is none), and to the end. */
export interface Timing {
  readonly firstMs: number;
  readonly allMs: number;
}

/** Runs a search as a command; what it prints is given back too. A status of 1 means that it has found nothing. */
export function timeCommand({ argv, env }: Command): Promise<{ readonly timing: Timing; readonly stdout: Buffer }> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const chunks: Buffer[] = [];
    let firstMs: number | undefined;
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk: Buffer) => {
      firstMs ??= performance.now() - started;
      chunks.push(chunk);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const allMs = performance.now() - started;
      if (status !== 0 && status !== 1) reject(new Error(`${argv.join(' ')} ended with ${status}`));
      else resolve({ timing: { firstMs: firstMs ?? allMs, allMs }, stdout: Buffer.concat(chunks) });
    });
  });
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

export function medianOf(timings: readonly Timing[]): Timing {
  return { firstMs: median(timings.map(({ firstMs }) => firstMs)), allMs: median(timings.map(({ allMs }) => allMs)) };
}
