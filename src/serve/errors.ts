import { VarveError } from '../base/errors.ts';

/** Nobody holds the lock of this home, or answers at its socket. */
export class DaemonNotRunningError extends VarveError {
  constructor(cause?: unknown) {
    super('DAEMON_NOT_RUNNING', 'no daemon runs here', { advice: 'Start one with: varve start', cause });
  }
}

/** Another daemon has this home. `pid` is what that one wrote down, undefined where it has not got so far. */
export class DaemonRunningError extends VarveError {
  readonly pid: number | undefined;

  constructor(pid: number | undefined) {
    super('DAEMON_RUNNING', `a daemon runs here already${pid === undefined ? '' : `, with pid ${pid}`}`, {
      advice: 'See what it does with: varve status. End it with: varve stop',
    });
    this.pid = pid;
  }
}

/** The daemon ended, or was ended, while it was being asked. */
export class DaemonGoneError extends VarveError {
  constructor(cause?: unknown) {
    super('DAEMON_GONE', 'the daemon ended before it had answered', { advice: 'Its reasons are in varve.log. See: varve status', cause });
  }
}

/** The daemon is about to end and answers nothing that takes time. */
export class DaemonStoppingError extends VarveError {
  constructor() {
    super('DAEMON_STOPPING', 'the daemon is stopping', { advice: 'Start it again with: varve start' });
  }
}
