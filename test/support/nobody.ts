import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type VarveRun, varveCommand, varveEnv } from './varve.ts';

const NOBODY = 65_534;

/** Runs a command with the rights of a user who owns nothing but what he is given. His home is `folder`; only root can do that. */
export function runAsNobody(home: string, folder: string, args: readonly string[]): VarveRun {
  const [file, all] = varveCommand(...args);
  const rights = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  const env = { ...varveEnv(home), HOME: folder, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  return spawnSync('setpriv', [...rights, file, ...all], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
}

/** Whether this machine, and who runs this, can do so. */
export function canRunAsNobody(folder: string): boolean {
  return runAsNobody(folder, folder, ['--version']).status === 0;
}

/** Gives him a file, or a folder with (`-R`) all that is in it. */
export function giveToNobody(...paths: string[]): void {
  execFileSync('chown', [`${NOBODY}:${NOBODY}`, ...paths]);
}
