import { type ChildProcess, spawn } from 'node:child_process';
import { varveCommand, varveEnv } from '../support/varve.ts';

export interface Ended {
  readonly args: readonly string[];
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** A running process of varve. */
export class Started {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(home: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const startedAt = performance.now();
    const [file, all] = varveCommand(...args);
    this.#child = spawn(file, all, { env: { ...varveEnv(home), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    this.#child.stdout?.on('data', (data) => {
      stdout += data;
    });
    this.#child.stderr?.on('data', (data) => {
      stderr += data;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (status, signal) =>
        resolve({ args, status, signal, stdout, stderr, elapsedMs: performance.now() - startedAt }),
      );
    });
  }

  /** `kill -9`, unless it has ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  killAfter(delayMs: number): void {
    const timer = setTimeout(() => this.kill(), delayMs);
    void this.ended.finally(() => clearTimeout(timer));
  }
}

/** The tree that a `save --json` has acknowledged in its output, if it came so far. */
export function acknowledgedTree({ stdout }: Pick<Ended, 'stdout'>): string | undefined {
  const line = stdout.split('\n').find((text) => text.startsWith('{') && text.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as { tree: string }).tree;
}
