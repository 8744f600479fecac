import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './peers/types.ts';

/** What one run of a command cost. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the command and all it waited for. */
  readonly cpuMs: number;
  /** Peak resident memory of its largest process. */
  readonly peakBytes: number;
  readonly stdout: string;
}

/** Reports %U user seconds, %S system seconds, %M peak KiB; the shell's built-in `time` knows no memory. */
const TIME_PROGRAM = '/usr/bin/time';
const TIME_FORMAT = '%U %S %M';

/** Runs `command` to its end and measures it. Throws with the end of its output when it fails. */
export async function measure(command: Command): Promise<Cost> {
  const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-time-'));
  const report = join(scratch, 'time');
  try {
    const started = performance.now();
    const stdout = await runToEnd({ ...command, argv: [TIME_PROGRAM, '-f', TIME_FORMAT, '-o', report, ...command.argv] });
    const wallMs = performance.now() - started;
    const [user, system, peakKiB] = readFileSync(report, 'utf8').trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
    return { wallMs, cpuMs: ((user ?? 0) + (system ?? 0)) * 1000, peakBytes: (peakKiB ?? 0) * 1024, stdout };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs `command` for its effect and returns its standard output. Throws with the end of its output when it fails. */
export function runToEnd(command: Command): Promise<string> {
  const [program, ...args] = command.argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: command.cwd, env: { ...process.env, ...command.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`${command.argv.join(' ')} ended with ${signal ?? status}:\n${stderr || stdout.slice(-4096)}`));
    });
  });
}

/** The first line of what the command prints, undefined when it cannot be run. */
export function firstLine(command: Command): string | undefined {
  const [program, ...args] = command.argv;
  const run = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...command.env } });
  return run.status === 0 ? run.stdout.split('\n', 1)[0]?.trim() : undefined;
}

/** Whether costs can be measured here. */
export function canMeasure(): boolean {
  return spawnSync(TIME_PROGRAM, ['-f', TIME_FORMAT, 'true']).status === 0;
}
