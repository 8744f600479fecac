import { VarveError } from '../../base/errors.ts';
import { DaemonClient } from '../../serve/client.ts';
import { DaemonGoneError, DaemonNotRunningError } from '../../serve/errors.ts';
import { HomeLock } from '../../serve/home-lock.ts';
import { defineCommand } from '../command.ts';

/** A daemon stops within two seconds, unless the kernel holds a thread of it. */
const PATIENCE_MS = 30_000;

export default defineCommand({
  description: [
    'Has the daemon finish what it has in hand and end, and waits until its home is free: another one may start at once. Where none runs, there is nothing to do, which is no failure.',
  ],
  arguments: [],
  options: {},
  json: 'One object: state (stopped), wasRunning.',
  interrupted: 'The daemon has been told to stop, and will.',
  examples: [
    { command: 'varve stop', about: 'End the daemon' },
    { command: 'varve stop && varve start', about: 'Start it anew, after an update say' },
  ],
  async run({ output, folders, signal }) {
    const wasRunning = await tellToStop(new DaemonClient(folders.stateDir));
    if (wasRunning) await waitUntilGone(folders.stateDir, signal);
    output.result({ state: 'stopped', wasRunning }, () =>
      output.quiet ? [] : [wasRunning ? 'The daemon has stopped.' : 'No daemon runs here.'],
    );
  },
});

async function tellToStop(daemon: DaemonClient): Promise<boolean> {
  try {
    await daemon.stop();
    return true;
  } catch (error) {
    if (error instanceof DaemonGoneError) return true;
    if (error instanceof DaemonNotRunningError) return false;
    throw error;
  }
}

async function waitUntilGone(stateDir: string, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  try {
    await HomeLock.waitUntilFree(stateDir, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (error !== timeout.reason) throw error;
    throw new VarveError('DAEMON_NOT_STOPPING', `the daemon was told to stop and is still there after ${PATIENCE_MS / 1000} s`, {
      advice: 'End its process, whose number is in daemon.lock beside its log: nothing that was recorded is lost.',
    });
  }
}
