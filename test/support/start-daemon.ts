import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./daemon-process.ts', import.meta.url));

/** A process of a fake daemon that has begun to answer. It is killed after the test. */
export async function startDaemon(context: TestContext, stateDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  assert.equal(String(line), 'ready\n');
  return child;
}

/** The same, of one that is expected to refuse: its exit status, and what it said. */
export async function tryDaemon(stateDir: string): Promise<{ readonly status: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [MAIN, stateDir], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const [status] = await once(child, 'exit');
  return { status, said: await said };
}
