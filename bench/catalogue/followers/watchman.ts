import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lines } from './lines.ts';
import type { Follower, FollowerKind } from './types.ts';

/** Options of a server of its own, whose files are all in `home`. */
export function ownServer(home: string): string[] {
  return ['sockname', 'statefile', 'logfile', 'pidfile'].map((option) => `--${option}=${join(home, option)}`);
}

/** Longer than anything that is measured takes. */
const SYNC_TIMEOUT_MS = 600_000;

/** Watchman: a server, and a client that stays connected and has subscribed to the folder. */
export const watchman: FollowerKind = {
  name: 'watchman',
  debianPackage: 'watchman',
  version: ['watchman', '--version'],
  async start(folder, home): Promise<Follower> {
    mkdirSync(home, { recursive: true });
    const server: ChildProcess = spawn('watchman', [...ownServer(home), '--foreground'], { stdio: 'ignore' });
    while (!existsSync(join(home, 'sockname'))) await sleep(10);
    const socket = connect(join(home, 'sockname'));
    const lines = new Lines(socket);
    const ask = async (command: readonly unknown[]) => {
      const answer = lines.next((line) => !line.includes('"unilateral"'));
      socket.write(`${JSON.stringify(command)}\n`);
      const { error } = JSON.parse(await answer) as { error?: string };
      if (error !== undefined) throw new Error(`watchman: ${error}`);
    };
    const sync = () => ask(['clock', folder, { sync_timeout: SYNC_TIMEOUT_MS }]);
    await ask(['watch', folder]);
    await sync();
    await ask(['subscribe', folder, 'changes', { fields: ['name'], expression: ['dirname', ''] }]);
    return {
      sync,
      sees: async (name) => void (await lines.next((line) => line.includes(`"${name}"`))),
      async close() {
        const ended = once(server, 'exit');
        server.kill();
        socket.destroy();
        await ended;
      },
    };
  },
};
