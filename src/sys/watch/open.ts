import { VarveError } from '../../base/errors.ts';
import { system } from '../system.ts';
import type { Directory } from '../types.ts';
import { WatchUnsupportedError } from './errors.ts';
import { FanotifyWatcher } from './fanotify.ts';
import { InotifyWatcher } from './inotify.ts';
import { WATCHER_KINDS } from './kinds.ts';
import { NodeWatcher } from './node/node.ts';
import type { SharedWatcher, Watcher, WatcherKind } from './types.ts';

/** Where one watch of fs.watch sees everything below a directory, by itself. */
const SEES_BELOW = new Set<string>(['darwin', 'win32']);

/** A kind of watcher that was not chosen, and why it does not work here, in a sentence. */
export interface RefusedKind {
  readonly kind: WatcherKind;
  readonly reason: string;
}

export interface OpenedWatcher {
  readonly watcher: Watcher;
  /** Kinds that would have told more. */
  readonly refused: readonly RefusedKind[];
}

/** No kind of watcher works here; `refused` says why, one by one. */
export class NoWatcherError extends VarveError {
  readonly refused: readonly RefusedKind[];

  constructor(refused: readonly RefusedKind[], advice: string) {
    super('NO_WATCHER', `changes cannot be watched here: ${refused.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ')}`, {
      advice,
    });
    this.refused = refused;
  }
}

/**
 * Opens the best kind of watcher that can mark every one of `directories`, or the kind that is asked for. The directories are marked when it returns;
 * marking them once more gives their keys. Throws NoWatcherError.
 */
export function openWatcher(directories: readonly Directory[], kind?: WatcherKind): OpenedWatcher {
  const refused: RefusedKind[] = [];
  for (const each of kind === undefined ? WATCHER_KINDS : [kind]) {
    const watcher = attempt(each, directories, refused);
    if (watcher !== undefined) return { watcher, refused };
  }
  throw new NoWatcherError(
    refused,
    kind === undefined ? 'What changed is found by scanning instead, at intervals.' : 'Another kind may work.',
  );
}

/** A watcher of the queue that another thread of this process has opened. Closing it leaves the queue open. */
export function watcherFromShared(shared: SharedWatcher): Watcher {
  if (shared.kind === 'node') return NodeWatcher.fromShared(shared);
  return shared.kind === 'inotify' ? InotifyWatcher.fromShared(shared) : FanotifyWatcher.fromShared(shared.kind, shared);
}

function attempt(kind: WatcherKind, directories: readonly Directory[], refused: RefusedKind[]): Watcher | undefined {
  let watcher: Watcher | undefined;
  try {
    watcher = openKind(kind);
    for (const directory of directories) watcher.mark(directory);
    return watcher;
  } catch (error) {
    watcher?.close();
    if (!(error instanceof VarveError)) throw error;
    refused.push({ kind, reason: error instanceof WatchUnsupportedError ? error.reason : error.message });
    return undefined;
  }
}

function openKind(kind: WatcherKind): Watcher {
  if (kind === 'node') return NodeWatcher.open(SEES_BELOW.has(process.platform));
  // Its queues know directories by the descriptors that only Linux's own system calls give.
  if (system().capabilities.implementation !== 'linux') throw new WatchUnsupportedError(kind, 'only Linux has it');
  return kind === 'inotify' ? InotifyWatcher.open() : FanotifyWatcher.open(kind);
}
