import type { HistorySettings } from '../base/config/types.ts';
import type { ByteName } from '../base/names.ts';
import type { ThreadFailure } from '../base/thread-failure.ts';
import type { HashAlgorithm } from '../hash/types.ts';
import type { Store } from '../store/types.ts';
import type { WatcherKind } from '../sys/watch/types.ts';
import type { Moment } from './history/types.ts';
import type { Channel } from './notify/types.ts';
import type { OwnerRule } from './owners/types.ts';
import type { PackageDatabase } from './packages/types.ts';
import type { Unwatched } from './scan/messages.ts';

export interface ServiceOptions {
  /** The file of the catalogue. Its caller holds the lock of the home. */
  readonly database: string;
  /** Directories to be watched beside those that are watched already; absolute, without symbolic links. */
  readonly roots: readonly ByteName[];
  /** Varve's own folders: home and stores. */
  readonly own: readonly ByteName[];
  readonly scanThreads: number;
  /** A scanning thread sends what it has found when it holds so much: what is best for the speed of scans when left out. */
  readonly scanBatchBytes?: number;
  /** The best that works here when left out; `none` for no watching at all. */
  readonly watcher?: WatcherKind | 'none';
  /** Hashes files, and keeps their content; without it nothing is read. */
  readonly keep?: KeepOptions;
  /** Without it nobody owns anything: all is kept and recorded, and nobody is told. */
  readonly owners?: OwnerOptions;
  /** For how long the past is remembered; for ever when left out. */
  readonly history?: HistorySettings;
  /** Something to be told of that the service works on without. */
  readonly onProblem?: (problem: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** How files are hashed and kept. */
export interface KeepOptions {
  /** Opens the store where contents are kept; without it they are hashed alone. Each is closed with the service, or before. */
  readonly openStore?: () => Store;
  /** Of digests: the store's. */
  readonly hash: HashAlgorithm;
  readonly threads?: number;
  readonly bytesPerSecond?: number;
}

/** Who owns files, and who is told of what is flagged. */
export interface OwnerOptions {
  readonly rules: readonly OwnerRule[];
  /** False where a file of rules has a fault: then no content is let go. Default true. */
  readonly areRulesKnown?: boolean;
  /** Of all users, absolute, without symbolic links. */
  readonly homes: readonly ByteName[];
  readonly packages: readonly PackageDatabase[];
  readonly channels: readonly Channel[];
}

/** What a service is doing. */
export interface ServiceState {
  /** Whether something is compared with the disk since changes may have been missed, or for the first time. */
  readonly isScanning: boolean;
  readonly isPaused: boolean;
  /** Entries that scans have compared. */
  readonly scanned: number;
  /** Directories that wait to be scanned. */
  readonly toScan: number;
  /** Changed files that wait to be read. */
  readonly toHash: number;
  /** Files and bytes that were read. */
  readonly hashedFiles: number;
  readonly hashedBytes: number;
  /** Whether files without a digest may wait that are not among those. */
  readonly hasBacklog: boolean;
  /** Why nothing can be kept for now; it is tried again. */
  readonly outage: ThreadFailure | undefined;
  readonly watcher: WatcherKind | 'none';
  /** Roots whose folder is not there. */
  readonly missing: readonly ByteName[];
  readonly unwatched: readonly UnwatchedPart[];
}

/** Directories of a root of which no event tells: they are compared with the disk at intervals. */
export interface UnwatchedPart {
  readonly root: ByteName;
  /** `not listed`: nothing of them could be seen, so they may hold more than is known. */
  readonly reason: Unwatched['reason'] | 'not listed';
  /** Of the error that said so; `NO_WATCHER` where nothing is watched at all, `NOT_LISTED` for those of which every one has its own among the failures. */
  readonly code: string;
  readonly directories: number;
}

/** A moment up to which everything is in the catalogue. */
export interface Observed {
  /** Whatever happens from now on is told by later events. */
  readonly moment: Moment;
  /** Roots and folders in them of which that does not hold, since nobody watches them: Varve's own, roots that are not there, and all of them without a watcher. */
  readonly unwatched: readonly ByteName[];
}
