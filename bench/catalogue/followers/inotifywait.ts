import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lines } from './lines.ts';
import type { Follower, FollowerKind } from './types.ts';

/** inotifywait, which remembers nothing: it prints each event as it comes. */
export const inotifywait: FollowerKind = {
  name: 'inotifywait',
  debianPackage: 'inotify-tools',
  // Its help, which begins with the version, ends with a failure.
  version: ['sh', '-c', 'inotifywait --help | grep .'],
  async start(folder): Promise<Follower> {
    const program = spawn('sh', ['-c', 'exec inotifywait -m -r --format %f "$0" 2>&1', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = new Lines(program.stdout);
    await lines.next((line) => line.startsWith('Watches established'));
    const sees = async (name: string) => void (await lines.next((line) => line === name));
    let synced = 0;
    return {
      sees,
      // Events come in order: what was made last is told of last.
      async sync() {
        const name = `sync-${synced++}`;
        const seen = sees(name);
        writeFileSync(join(folder, name), '');
        await seen;
      },
      async close() {
        const ended = once(program, 'exit');
        program.kill();
        await ended;
      },
    };
  },
};
