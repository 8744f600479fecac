import { type TestContext, test } from 'node:test';
import { WATCHER_KINDS } from '../../src/sys/watch/kinds.ts';
import type { WatcherKind } from '../../src/sys/watch/types.ts';

/** Those that say so when they have lost something, know of mounts, and know directories wherever they go. What differs with the other one is in test/catalogue/node-watcher.test.ts. */
export const KERNEL_WATCHERS = WATCHER_KINDS.filter((kind) => kind !== 'node');

/** The same test with each of `kinds`. */
export function withEachWatcher(
  sentence: string,
  body: (context: TestContext, watcher: WatcherKind) => Promise<void>,
  kinds: readonly WatcherKind[] = KERNEL_WATCHERS,
): void {
  for (const watcher of kinds) test(`${sentence} (${watcher})`, (context) => body(context, watcher));
}

/** The same test with each of them and Node's. */
export function withEveryWatcher(sentence: string, body: (context: TestContext, watcher: WatcherKind) => Promise<void>): void {
  withEachWatcher(sentence, body, WATCHER_KINDS);
}
