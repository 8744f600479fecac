import type { EventKind, Origin } from '../catalogue/types.ts';
import type { WatcherKind } from '../sys/watch/types.ts';

/**
 * What can be asked of a running daemon. The daemon implements it, `control-api.ts` serves it over HTTP, `client.ts` is it from outside. Everything
 * here crosses the API as JSON: paths are texts as `showName` writes them, times ISO 8601 in UTC.
 *
 * Methods may run at the same time. They reject with a VarveError, which reaches the client with its code, message and advice; anything else is a bug.
 */
export interface DaemonControl {
  status(): Promise<DaemonStatus>;
  /** Ends scanning and hashing until `continue`; watching goes on, so nothing is missed. Pausing twice changes nothing. */
  pause(): Promise<void>;
  continue(): Promise<void>;
  /** Resolves when the daemon has begun to stop; it is gone when the lock of its home is free. */
  stop(): Promise<void>;
  /** Resolves when every change made before the call has been observed. Rejects with the reason of `signal` once that is aborted. */
  syncPoint(signal: AbortSignal): Promise<SyncPoint>;
  /** Events in their order. Ends with the last one known, or with `follow` when `signal` is aborted. It is asked for the next line when that can be sent. */
  events(query: EventQuery, signal: AbortSignal): AsyncIterable<EventLine>;
  /** Writes down what somebody, or a model, says that a file or folder is. */
  describe(description: NewDescription): Promise<void>;
  /** Ends the watch of roots, given by their paths: of all or, when one is no root, of none. Rejects with the reason of `signal` once that is aborted; what has begun goes on then. */
  unwatch(paths: readonly string[], signal: AbortSignal): Promise<void>;
}

/** `starting`: opening what it needs. `scanning`: some root has not been compared with the disk since the start. `watching`: all have. */
export type DaemonState = 'starting' | 'scanning' | 'watching' | 'paused' | 'stopping';

export interface DaemonStatus {
  readonly state: DaemonState;
  readonly pid: number;
  readonly started: string;
  /** Of the program that the daemon runs. */
  readonly version: string;
  /** The store that content is kept in, as messages name it. */
  readonly store: string;
  readonly catalogue: CatalogueFile;
  /** Resident memory of the whole process. */
  readonly memoryBytes: number;
  readonly roots: readonly RootStatus[];
  readonly work: PendingWork;
  /** Failures in the journal that have not been resolved. */
  readonly errors: number;
  readonly outage?: Outage;
}

/** Why for now no file can be kept (`of` the store), or nothing be observed (`of` the catalogue), and what can be done. It is tried again by itself. */
export interface Outage {
  readonly of: 'store' | 'catalogue';
  readonly message: string;
  readonly advice?: string;
}

export interface CatalogueFile {
  readonly path: string;
  readonly bytes: number;
}

export interface RootStatus {
  readonly path: string;
  /** Files and directories that are known. */
  readonly nodes: number;
  /** Of the nodes, those that have been compared with the disk since the daemon began to watch. */
  readonly scanned: number;
  /** Files whose digest is known. */
  readonly hashed: number;
  /** Files whose digest is not known yet. */
  readonly unhashed: number;
  /** Files whose content is in the store. */
  readonly kept: number;
  /** Sizes of all files. */
  readonly bytes: number;
  /** Gaps that are open: what changed in them is not known yet. */
  readonly gaps: number;
  readonly watcher: WatcherKind | 'none';
  readonly scanning: boolean;
  /** Whether it is not in its place (moved away, removed, unmounted): what is known of it stays as it was until it is back. */
  readonly missing: boolean;
  /** What of it nothing tells of: it is compared with the disk at intervals. */
  readonly unwatched: readonly UnwatchedDirectories[];
}

/**
 * Directories that are not watched, or not reliably, for one reason: the kernel allows no more of that; their file system, or this machine, cannot be watched; what watches them does not tell when it has lost something; or they could not be listed.
 */
export interface UnwatchedDirectories {
  readonly reason: 'watch limit' | 'not watchable' | 'loss untold' | 'not listed';
  /** Of the error that said so; `NO_WATCHER` where nothing is watched at all, `NOT_LISTED` where each has its own among the failures. */
  readonly code: string;
  readonly directories: number;
}

export interface PendingWork {
  /** Directories that wait to be listed. */
  readonly toScan: number;
  /** Files that wait to be hashed. */
  readonly toHash: number;
  /** Bytes a second that are hashed at the moment. */
  readonly hashRate: number;
  /** Until everything is hashed, where that can be told. */
  readonly etaMs?: number;
}

export interface SyncPoint {
  /** Names this moment to `events`, as `since`, which refuses it when the catalogue does not have the history since then any more. Opaque. */
  readonly token: string;
  /** What nobody watches although it is a root or in one, so that changes there are not known: folders of Varve's own, and roots that are not there. */
  readonly unwatched: readonly string[];
}

export interface EventQuery {
  /** Only events of this file, or of this directory and what is below it; an absolute path. */
  readonly path?: string;
  /** Only events after this sync point. */
  readonly since?: string;
  /** Whether to go on with events as they happen. */
  readonly follow: boolean;
}

export interface NewDescription {
  /** Absolute, of what is there now. */
  readonly path: string;
  /** One line; an empty one takes away what was written by hand. */
  readonly text: string;
  /** Whose text it is, when it was made by a model: it then belongs to the content of that digest. */
  readonly generated?: { readonly digest: string; readonly model: string };
}

/** A recorded change of a node, as lists print it. */
export interface EventLine {
  /** Later events have larger numbers. */
  readonly id: number;
  readonly time: string;
  readonly kind: EventKind;
  readonly origin: Origin;
  /** Where the node is behind the event; of one that was deleted, where it was. */
  readonly path: string;
  /** Where a node was that moved. */
  readonly from?: string;
}
