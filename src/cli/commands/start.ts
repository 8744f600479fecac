import { setTimeout as sleep } from 'node:timers/promises';
import { catalogueFile } from '../../base/config/folders.ts';
import { openForReading } from '../../catalogue/database.ts';
import type { Daemon } from '../../daemon/daemon.ts';
import type { DaemonStatus } from '../../serve/types.ts';
import { WATCHER_KINDS } from '../../sys/watch/kinds.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseNoFolder } from '../folders-to-watch.ts';
import { flag, oneOf, value } from '../options.ts';
import { outageLines, statusLines } from '../output/status-lines.ts';
import { type RunningDaemon, startDaemon } from '../start-daemon.ts';
import { limitAdvice } from '../watch-findings.ts';
import { watchingLines } from '../watching-steps.ts';

/** How often progress is looked at. */
const LOOK_MS = 150;

export default defineCommand({
  description: [
    'Watches folders, and keeps the history of every file in them: scans them, notices every change as it happens, hashes files and keeps their versions. Runs until Ctrl-C or varve stop. Folders that were watched before are watched again; without DIR, those alone. One of them that is missing, named or not, is watched when it is back. A folder around them takes them over, with their history; varve roots --remove ends the watch of one.',
    'The store, and a configuration file in which every setting is explained, are made when they are not there. This is what npm start -- DIR calls.',
  ],
  arguments: [
    { name: 'DIR', about: 'Folders that are to be watched, with everything below', many: true, optional: true, complete: 'folder' },
  ],
  options: {
    once: flag('--once', 'Scan, hash and keep everything once, then end'),
    watcher: value(
      '--watcher KIND',
      `Watch by ${WATCHER_KINDS.join(', ')}; otherwise by the best of them that works here`,
      oneOf(WATCHER_KINDS),
      {
        complete: WATCHER_KINDS,
      },
    ),
  },
  json: 'The object of varve status, when everything that it found was scanned, hashed and kept. With --once it is the last thing; otherwise the daemon goes on.',
  interrupted: 'Nothing is lost: what changes from now on is found by the next start.',
  examples: [
    { command: 'varve start ~/docs', about: 'Watch a folder, and keep every version of its files' },
    { command: 'varve start --once ~/docs ~/photos', about: 'Bring two folders up to date, and end' },
  ],
  async run(context, folders, { once, watcher }) {
    const { output, signal } = context;
    refuseNoFolder(context, folders, 'start');
    const running = await startDaemon(context, folders, watcher);
    const { daemon } = running;
    try {
      const end = Promise.race([untilAborted(signal), running.untilStopped]);
      end.catch(() => undefined);
      const isDone = await Promise.race([followFirst(context, running, once), end.then(() => false)]);
      if (isDone) {
        const status = await daemon.status();
        output.result(status, () =>
          once ? statusLines(status, (kind) => limitAdvice(context.folders, kind)) : output.quiet ? [] : nextLines(context, status),
        );
        if (once && (status.errors > 0 || status.roots.some(({ missing }) => missing))) context.partial();
        output.flush();
        if (!once) await end;
      }
      signal.throwIfAborted();
    } catch (error) {
      if (once || !signal.aborted) throw error;
    } finally {
      await running.close();
    }
  },
});

function nextLines({ folders }: Context, status: DaemonStatus): string[] {
  const database = openForReading(catalogueFile(folders));
  try {
    return [...watchingLines(status, database), ...outageLines(status.outage)];
  } finally {
    database?.close();
  }
}

/** Shows how the first scan and the first reading go on; true when they have come to their end. */
async function followFirst({ output }: Context, { daemon }: RunningDaemon, once: boolean): Promise<boolean> {
  let isFinished = false;
  const finished = (once ? daemon.finish() : caughtUp(daemon)).then(() => {
    isFinished = true;
  });
  while (!isFinished) {
    await Promise.race([finished, sleep(LOOK_MS)]);
    showProgress(output.onProgress, await daemon.status());
  }
  return true;
}

/** Resolves when the daemon has come to its end with what it found. Where nothing can be kept, that is an end too; a thread that dies of anything else is started again, or ends the daemon, which tells so itself. */
async function caughtUp(daemon: Daemon): Promise<void> {
  for (;;) {
    try {
      return await daemon.catchUp();
    } catch {
      const { outage, state } = await daemon.status();
      if (outage !== undefined || state === 'stopping') return;
      await sleep(LOOK_MS, undefined, { ref: false });
    }
  }
}

function showProgress(listener: Context['output']['onProgress'], { state, roots }: DaemonStatus): void {
  const sum = (key: 'scanned' | 'hashed' | 'unhashed' | 'bytes') => roots.reduce((total, root) => total + root[key], 0);
  if (state === 'scanning' || state === 'starting') listener({ phase: 'scanning', doneItems: sum('scanned'), doneBytes: sum('bytes') });
  else listener({ phase: 'hashing', doneItems: sum('hashed'), totalItems: sum('hashed') + sum('unhashed'), doneBytes: sum('bytes') });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
