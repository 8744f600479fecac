import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { varve, varveCommand, varveEnv } from './varve.ts';

/** A daemon in a process of its own, that has scanned, hashed and kept everything. */
export interface Watching {
  readonly child: ChildProcess;
  /** What it printed on standard output so far. */
  readonly said: () => string;
  /** Runs a command beside it, which has to succeed; its output as lines of JSON. */
  readonly ask: (...args: string[]) => Record<string, unknown>[];
  /** Ends it by a signal; its exit status, and how long that took. */
  readonly end: (signal: NodeJS.Signals) => Promise<{ readonly status: number | null; readonly ms: number }>;
}

/** Starts `varve start` with these arguments, and waits until it watches. It is killed after the test. */
export async function startWatching(
  context: TestContext,
  home: string,
  args: readonly string[],
  cwd?: string,
  env?: NodeJS.ProcessEnv,
): Promise<Watching> {
  const [file, all] = varveCommand('start', ...args);
  const child = spawn(file, all, { env: { ...varveEnv(home), ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  context.after(() => child.kill('SIGKILL'));
  let said = '';
  let errors = '';
  child.stdout?.on('data', (bytes) => {
    said += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    errors += bytes;
  });
  const gone = once(child, 'exit');
  while (!/varve stop\n$/.test(said)) {
    const isGone = await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data').then(() => false), gone.then(() => true)]);
    if (isGone) assert.fail(`it ended: ${errors}`);
  }
  return {
    child,
    said: () => said,
    ask: (...command) => {
      const { status, stdout, stderr } = varve(home, [...command, '--json']);
      assert.equal(status, 0, stderr);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    },
    end: async (signal) => {
      const from = performance.now();
      child.kill(signal);
      const [status] = (await gone) as [number | null];
      return { status, ms: performance.now() - from };
    },
  };
}
