import { spawn } from 'node:child_process';
import type { Command } from '../peers/types.ts';

/** From the start to the first result (to the end where there is none), and to the end. */
export interface Timing {
  readonly firstMs: number;
  readonly allMs: number;
}

/** Runs a search as a command. A status of 1 means that it has found nothing. */
export function timeCommand({ argv, env }: Command): Promise<Timing> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let firstMs: number | undefined;
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', () => {
      firstMs ??= performance.now() - started;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const allMs = performance.now() - started;
      if (status !== 0 && status !== 1) reject(new Error(`${argv.join(' ')} ended with ${status}`));
      else resolve({ firstMs: firstMs ?? allMs, allMs });
    });
  });
}
