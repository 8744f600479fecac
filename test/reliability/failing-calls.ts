import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { varveCommand, varveEnv } from '../support/varve.ts';

/** Calls by which something on a disk is changed, or by which it is made sure that nobody else does. */
const CALLS =
  'openat,write,pwrite64,writev,pwritev,fsync,fdatasync,syncfs,ftruncate,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,flock,fallocate,utimensat,fchmod,fchmodat,fchown,fchownat,symlinkat,linkat,mknodat,fsetxattr';

export const ERRORS = ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EDQUOT'] as const;

/** The n-th call of that name by the main thread; `text` as strace shows it. */
export interface Call {
  readonly name: string;
  readonly index: number;
  readonly text: string;
}

export interface FailedRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The call that was made to fail, as it turned out. */
  readonly failed: string | undefined;
}

/** Runs a command of varve, and lists its calls that change something below `folder`. It must do all that in its main thread. */
export function changingCalls(home: string, args: readonly string[], folder: string): Call[] {
  const lines = trace(home, args, []).trace.split('\n');
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  for (const text of lines) {
    const name = /^([a-z0-9]+)\(/.exec(text)?.[1];
    if (name === undefined) continue;
    const index = (counts.get(name) ?? 0) + 1;
    counts.set(name, index);
    const changes = name !== 'openat' || /O_WRONLY|O_RDWR|O_CREAT/.test(text);
    const succeeds = !/= -1 E/.test(text);
    if (text.includes(folder) && changes && succeeds) calls.push({ name, index, text });
  }
  return calls;
}

/** Runs the command again with one of its calls failing. */
export function runWithFailing(home: string, args: readonly string[], { name, index }: Call, error: string): FailedRun {
  const { trace: text, ...run } = trace(home, args, ['-e', `inject=${name}:error=${error}:when=${index}`]);
  return { ...run, failed: text.split('\n').find((line) => line.endsWith('(INJECTED)')) };
}

function trace(home: string, args: readonly string[], more: readonly string[]): Omit<FailedRun, 'failed'> & { trace: string } {
  const log = join(home, '..', 'strace.log');
  const [file, all] = varveCommand(...args);
  const { status, signal, stdout, stderr } = spawnSync('strace', ['-qq', '-y', '-o', log, '-e', `trace=${CALLS}`, ...more, file, ...all], {
    env: varveEnv(home),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, signal, stdout, stderr, trace: fs.readFileSync(log, 'latin1') };
}

/** Whether processes can be traced here: it may not be installed, or not be allowed in a container. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}
