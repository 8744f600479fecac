import { VarveError } from '../../base/errors.ts';
import type { WatcherKind } from './types.ts';

/** The kernel allows no more queues or marks; `setting` is the sysctl that says how many. */
export class WatchLimitError extends VarveError {
  readonly setting: string;

  constructor(setting: string, cause: unknown) {
    super('WATCH_LIMIT', `the kernel allows no more watching: the limit ${setting} is reached`, {
      advice: `Raise it, as root: sysctl -w ${setting}=NUMBER; in a file of /etc/sysctl.d it lasts.`,
      cause,
    });
    this.setting = setting;
  }
}

/** A kind of watcher does not work here, or not for this file system, for a reason. Another kind may. */
export class WatchUnsupportedError extends VarveError {
  readonly reason: string;

  constructor(kind: WatcherKind, reason: string, cause?: unknown) {
    super('WATCH_UNSUPPORTED', `${kind} cannot watch this: ${reason}`, { cause });
    this.reason = reason;
  }
}
