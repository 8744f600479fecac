import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd } from '../measure.ts';
import { LAUNCHER } from '../peers/varve.ts';

const LOOK_MS = 250;

/** A daemon of `home` that watches `folder`, and has scanned and hashed all of it. It ends when it is disposed. */
export async function watching(home: string, folder: string): Promise<AsyncDisposable> {
  const env = { VARVE_HOME: home };
  const daemon = spawn(LAUNCHER, ['start', folder], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = once(daemon, 'exit');
  for (let isReady = false; !isReady; ) {
    if (daemon.exitCode !== null) throw new Error(`varve start ended with ${daemon.exitCode}`);
    await sleep(LOOK_MS);
    isReady = await isWatching(env);
  }
  return {
    async [Symbol.asyncDispose]() {
      await runToEnd({ argv: [LAUNCHER, 'stop'], env });
      await ended;
    },
  };
}

async function isWatching(env: Record<string, string>): Promise<boolean> {
  const status = JSON.parse(await runToEnd({ argv: [LAUNCHER, 'status', '--json'], env }));
  return status.state === 'watching' && status.roots.length > 0 && status.work.toHash === 0;
}
