import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { campaignSeed } from './random.ts';

const CHURNING = fileURLToPath(new URL('./churning-process.ts', import.meta.url));

/** A program that changes the files of a folder, wherever that is moved, until the test ends, or it is halted by SIGSTOP. Its first files are there. */
export async function startChurning(context: TestContext, folder: string): Promise<ChildProcess> {
  const churn = spawn(process.execPath, [CHURNING, '.', String(campaignSeed())], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(churn, 'exit');
  context.after(async () => {
    churn.kill('SIGKILL');
    await ended;
  });
  await once(churn.stdout, 'data');
  return churn;
}
