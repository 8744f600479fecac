import { join } from 'node:path';
import { UsageError } from '../base/errors.ts';
import { channelsOf } from '../catalogue/notify/channels.ts';
import { Daemon } from '../daemon/daemon.ts';
import { LogFile } from '../daemon/log-file.ts';
import { ControlServer } from '../serve/control-server.ts';
import { HomeLock } from '../serve/home-lock.ts';
import { shareStore } from '../store/share.ts';
import { system } from '../sys/system.ts';
import { NoWatcherError, openWatcher } from '../sys/watch/open.ts';
import type { WatcherKind } from '../sys/watch/types.ts';
import type { Context } from './context.ts';
import { foldersToWatch } from './folders-to-watch.ts';
import { version } from './version.ts';

/** A daemon that runs in this process, with what has to be put away behind it. */
export interface RunningDaemon {
  readonly daemon: Daemon;
  /** Resolves when somebody has asked it to stop; rejects when it cannot go on. */
  readonly untilStopped: Promise<void>;
  /** Ends it, within two seconds; the lock of the home is free then. */
  close(): Promise<void>;
}

/** Starts the daemon of the home in this process. Throws UsageError, NoWatcherError, DaemonRunningError, and what the catalogue cannot be opened for. */
export async function startDaemon(context: Context, folders: readonly string[], watcher: WatcherKind | undefined): Promise<RunningDaemon> {
  const roots = foldersToWatch(context, folders);
  if (watcher !== undefined) checkWatcher(watcher);
  const { notify, history } = (await context.config()).settings;
  // Said now rather than by the thread that uses them.
  channelsOf(notify, system().account);
  const store = await context.openStore();
  const shared = shareStore(store, 'reading');
  if (shared === undefined) throw new UsageError(`the store ${store.name} lives in this process alone`, 'Name one on disk: --store PATH');
  const lock = await HomeLock.take(context.folders.stateDir);
  const log = new LogFile(join(context.folders.stateDir, 'varve.log'));
  const stopped = Promise.withResolvers<void>();
  stopped.promise.catch(() => undefined);
  const onStop = (error?: Error) => (error === undefined ? stopped.resolve() : stopped.reject(error));
  const daemon = new Daemon({
    folders: context.folders,
    roots,
    store: { shared, name: store.name, hash: store.hash.name },
    version: version(),
    ...(watcher !== undefined && { watcher }),
    notify,
    history,
    log,
    onStop,
  });
  const server = await ControlServer.listen(daemon, lock, log);
  const close = async () => {
    await Promise.all([server.close(), daemon.close()]);
    await log.flush();
    lock.release();
  };
  try {
    await Promise.race([daemon.ready, stopped.promise]);
  } catch (error) {
    await close();
    throw error;
  }
  return { daemon, untilStopped: stopped.promise, close };
}

/** Says now, rather than by a thread that dies of it again and again, that the kind of watcher which was asked for does not work here. */
function checkWatcher(kind: WatcherKind): void {
  try {
    openWatcher([], kind).watcher.close();
  } catch (error) {
    if (!(error instanceof NoWatcherError)) throw error;
    throw new NoWatcherError(error.refused, 'Leave out --watcher: then the best kind is used that works here.');
  }
}
