import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lines } from './lines.ts';
import type { Follower, FollowerKind } from './types.ts';

/** Options of a server of its own, whose files are all in `home`. */
export function ownServer(home: string): string[] {
  return ['sockname', 'statefile', 'logfile', 'pidfile'].map((option) => `--${option}=${join(home, option)}`);
}

/** Its socket is there a moment before it listens. */
async function untilListening(server: ChildProcess, home: string): Promise<void> {
  while (spawnSync('watchman', [...ownServer(home), '--no-spawn', 'get-pid'], { stdio: 'ignore' }).status !== 0) {
    if (server.exitCode !== null) throw new Error(`watchman: its server has ended with ${server.exitCode}`);
    await sleep(10);
  }
}

/** Longer than anything that is measured takes. */
const SYNC_TIMEOUT_MS = 600_000;

/** Between two questions, in milliseconds. */
const PAUSE_MS = 0.25;

/**
 * Watchman: a server, and a client that stays connected and asks again and again. A subscription would be told only when nothing has happened for a while (`settle`), which among many changes is
 * never.
 */
export const watchman: FollowerKind = {
  name: 'watchman',
  debianPackage: 'watchman',
  version: ['watchman', '--version'],
  async start(folder, home): Promise<Follower> {
    mkdirSync(home, { recursive: true });
    const server: ChildProcess = spawn('watchman', [...ownServer(home), '--foreground'], { stdio: 'ignore' });
    await untilListening(server, home);
    const socket = connect(join(home, 'sockname'));
    const lines = new Lines(socket);
    const ask = async (command: readonly unknown[]) => {
      const line = lines.next();
      socket.write(`${JSON.stringify(command)}\n`);
      const answer = JSON.parse(await line) as { error?: string; files?: unknown[] };
      if (answer.error !== undefined) throw new Error(`watchman: ${answer.error}`);
      return answer;
    };
    const sync = async () => void (await ask(['clock', folder, { sync_timeout: SYNC_TIMEOUT_MS }]));
    await ask(['watch', folder]);
    await sync();
    return {
      sync,
      async sees(name) {
        const query = { path: [{ path: '', depth: 0 }], expression: ['name', name], fields: ['name'], sync_timeout: 0 };
        while ((await ask(['query', folder, query])).files?.length === 0) await sleep(PAUSE_MS);
      },
      async close() {
        const ended = once(server, 'exit');
        server.kill();
        socket.destroy();
        await ended;
      },
    };
  },
};
