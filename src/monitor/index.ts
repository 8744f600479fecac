import { TreeMonitor } from './monitor.ts';
import type { Monitor, MonitorOptions } from './types.ts';

export { MonitorClosedError, TopGoneError } from './errors.ts';
export type { Change, FileState, Monitor, MonitorOptions } from './types.ts';

/**
 * Begins to monitor a directory, with everything below. It is watched when this returns; what is there is told by the iteration, and then what changes. To be iterated to its end, left by `break`,
 * or closed. Throws SystemError when the directory cannot be opened, and NoWatcherError when the source that is asked for does not work here.
 */
export function monitor(directory: string, options: MonitorOptions = {}): Monitor {
  options.signal?.throwIfAborted();
  return new TreeMonitor(directory, options);
}
