import { type TestContext, test } from 'node:test';
import type { WatcherKind } from '../../src/sys/watch/types.ts';

/** Every kind of watcher there is on Linux. */
export const WATCHERS: readonly WatcherKind[] = ['fanotify', 'fanotify-marks', 'inotify'];

/** The same test with each of `kinds`. */
export function withEachWatcher(
  sentence: string,
  body: (context: TestContext, watcher: WatcherKind) => Promise<void>,
  kinds: readonly WatcherKind[] = WATCHERS,
): void {
  for (const watcher of kinds) test(`${sentence} (${watcher})`, (context) => body(context, watcher));
}
