import { VarveError } from '../base/errors.ts';

/** The monitor has ended before what was asked of it was done. */
export class MonitorClosedError extends VarveError {
  constructor() {
    super('MONITOR_CLOSED', 'the monitor has ended');
  }
}

/** What is monitored is not in its place any more: moved, deleted, or its file system unmounted. That says nothing of its files, so no change is told. */
export class TopGoneError extends VarveError {
  constructor(path: string) {
    super('TOP_GONE', `${path} is not the directory any more that was monitored`, { advice: 'Begin again when it is back.' });
  }
}
