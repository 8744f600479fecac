import type { WatcherKind } from './types.ts';

/** From the one that tells most to the one that works almost everywhere. */
export const WATCHER_KINDS: readonly WatcherKind[] = ['fanotify', 'fanotify-marks', 'inotify', 'node'];
