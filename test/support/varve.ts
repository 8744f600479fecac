import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** Shared by all tests: each process would otherwise compile everything anew. */
const COMPILE_CACHE = join(import.meta.dirname, '../../node_modules/.cache/varve-tests');

export interface VarveRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process of varve is started, without the launcher. */
export function varveCommand(...args: string[]): readonly [file: string, args: string[]] {
  return [process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args]];
}

/** The environment of a user who keeps everything in `home`, and whose terminal shows no colours. */
export function varveEnv(home: string): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, CI: __, ...env } = process.env;
  return { ...env, VARVE_HOME: home, NO_COLOR: '1', TZ: 'UTC', NODE_COMPILE_CACHE: COMPILE_CACHE };
}

/** Runs one command to its end. */
export function varve(
  home: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): VarveRun {
  const [file, all] = varveCommand(...args);
  const { status, stdout, stderr } = spawnSync(file, all, {
    cwd: options.cwd,
    env: { ...varveEnv(home), ...options.env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}
