import { VarveError } from '../base/errors.ts';
import { DaemonClient } from '../serve/client.ts';
import { DaemonNotRunningError } from '../serve/errors.ts';
import type { Context } from './context.ts';

/** A burst of changes is taken in within this time. A scan may take longer, and a daemon that pauses does not come to it. */
const PATIENCE_MS = 10_000;

/**
 * Waits until everything that has happened so far is in the catalogue, and resolves with undefined; or with why it may not be, as gaps say it: `not running` where no daemon
 * watches just now, `not observed` where one does and cannot say so within ten seconds. Rejects when the command is interrupted.
 */
export async function whyUnobserved({ folders, signal }: Context): Promise<string | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    await new DaemonClient(folders.stateDir).syncPoint(AbortSignal.any([signal, patience]));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DaemonNotRunningError) return 'not running';
    if (patience.aborted || error instanceof VarveError) return 'not observed';
    throw error;
  }
}

/** `not running` where no daemon watches just now; undefined where one does, and where it does not answer. Waits for nothing that has happened. */
export async function whyUnwatched({ folders }: Context): Promise<string | undefined> {
  try {
    await new DaemonClient(folders.stateDir).status();
  } catch (error) {
    if (error instanceof DaemonNotRunningError) return 'not running';
    if (!(error instanceof VarveError)) throw error;
  }
  return undefined;
}
