import type { DatabaseSync } from 'node:sqlite';
import { SystemError, VarveError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import type { HashAlgorithm } from '../hash/types.ts';
import type { Store } from '../store/types.ts';
import { wallNs } from '../sys/clock.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import { NoWatcherError, openWatcher, type RefusedKind } from '../sys/watch/open.ts';
import type { Watcher, WatcherKind } from '../sys/watch/types.ts';
import { openForWriting } from './database.ts';
import { Engine } from './engine.ts';
import type { Moment } from './history/types.ts';
import { ContentRows } from './keep/content-rows.ts';
import { HashQueue } from './keep/hash-queue.ts';
import { Keepers } from './keep/keepers.ts';
import { Keeping } from './keep/keeping.ts';
import { OwnerMatcher } from './owners/matcher.ts';
import { RootFlags } from './owners/root-flags.ts';
import type { OwnerRule } from './owners/types.ts';
import { ProcessRows } from './processes/process-rows.ts';
import { ProcessTable } from './processes/process-table.ts';
import type { WatchMessage } from './watch/messages.ts';
import { WatchThread } from './watch/watch-thread.ts';
import { FailureRows } from './write/failures.ts';
import { Properties } from './write/properties.ts';

export interface ServiceOptions {
  /** The file of the catalogue. Its caller holds the lock of the home. */
  readonly database: string;
  /** Directories to be watched beside those that are watched already; absolute, without symbolic links. */
  readonly roots: readonly ByteName[];
  /** Varve's own folders: home and stores. */
  readonly own: readonly ByteName[];
  readonly scanThreads: number;
  /** The best that works here when left out; `none` for no watching at all. */
  readonly watcher?: WatcherKind | 'none';
  /** Hashes files, and keeps their content; without it nothing is read. */
  readonly keep?: KeepOptions;
  readonly onFailure: (error: unknown) => void;
}

/** How files are hashed and kept. */
export interface KeepOptions {
  /** Opens the store where contents are kept; without it they are hashed alone. Each is closed with the service, or before. */
  readonly openStore?: () => Store;
  /** Of digests: the store's. */
  readonly hash: HashAlgorithm;
  readonly rules: readonly OwnerRule[];
  readonly homes: readonly ByteName[];
  readonly threads?: number;
  readonly bytesPerSecond?: number;
}

/** What a service is doing. */
export interface ServiceState {
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
  readonly watcher: WatcherKind | 'none';
  /** Roots whose folder is not there. */
  readonly missing: readonly ByteName[];
  /** Directories that the watcher cannot watch: they are compared with the disk at intervals. */
  readonly unwatched: number;
}

/** A moment up to which everything is in the catalogue. */
export interface Observed {
  /** Whatever happens from now on is told by later events. */
  readonly moment: Moment;
  /** Roots and folders in them of which that does not hold, since nobody watches them: Varve's own, roots that are not there, and all of them without a watcher. */
  readonly unwatched: readonly ByteName[];
}

/** What the kernel does not tell of is looked for this often. */
const CHECK_MS = 2000;
/** How often it is written down until when everything was observed, while nothing happens. */
const HEARTBEAT_MS = 60_000;

/**
 * The catalogue of a home at work, with its threads: opens it, compares the roots with the disk, and takes in what happens from then on. Lives in a thread of its own in
 * the daemon, since all its work is synchronous.
 */
export class CatalogueService {
  readonly #database: DatabaseSync;
  readonly #properties: Properties;
  readonly #engine: Engine;
  /** Kinds of watchers that would have told more, and why they do not work here. */
  readonly refused: readonly RefusedKind[];
  readonly #watcher: Watcher | undefined;
  readonly #thread: WatchThread | undefined;
  readonly #keeping: Keeping | undefined;
  readonly #own: readonly ByteName[];
  readonly #timers: NodeJS.Timeout[];
  #isPaused = false;
  #hasLookedForUnread = false;
  #synced = 0;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: ServiceOptions) {
    this.#database = openForWriting(options.database);
    this.#properties = new Properties(this.#database);
    const own = options.own.flatMap(identified);
    this.#own = own.map(({ path }) => path);
    const { watcher, refused } = options.watcher === 'none' ? NO_WATCHER : openBest(options.roots, options.watcher);
    this.#watcher = watcher;
    this.refused = refused;
    const processes = new ProcessTable();
    const processRows = new ProcessRows(this.#database);
    this.#engine = new Engine(this.#database, {
      scanThreads: options.scanThreads,
      watcher: this.#watcher?.share(),
      own,
      askForSync: () => this.#thread?.askForSync() ?? 0,
      processOf: (pid) => (pid === process.pid ? undefined : processRows.idOf(processes.look(pid))),
      onContent: (id) => this.#keeping?.changed(id),
      onScanned: (isFirst) => this.#scanned(isFirst),
      onFailure: options.onFailure,
    });
    for (const root of options.roots) this.#engine.roots.add(root, true);
    this.#keeping = options.keep && this.#startKeeping(options.keep, options.onFailure);
    this.#thread = this.#watcher && new WatchThread(this.#watcher, (message) => this.#take(message), options.onFailure);
    this.#engine.compareAll('not running', this.#properties.time('observedUntil') ?? wallNs());
    this.#timers = [setInterval(() => this.#engine.check(), CHECK_MS), setInterval(() => this.#observed(), HEARTBEAT_MS)];
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Resolves when everything that happened before this call is in the catalogue. Rejects when it is closed before. */
  async sync(): Promise<Observed> {
    const asked = this.#thread?.askForSync() ?? 0;
    while (!this.#isClosed && (this.#synced < asked || !this.#engine.isSettled))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#isClosed) throw new VarveError('CATALOGUE_CLOSED', 'the catalogue was closed before everything was observed');
    const roots = this.#watcher === undefined ? this.#engine.rootPaths() : this.#engine.missingRoots();
    return { moment: this.#engine.writer.journal.seal(), unwatched: [...this.#own, ...roots] };
  }

  /** Ends scanning and hashing, or lets them go on. Watching goes on in any case. */
  pause(paused: boolean): void {
    this.#isPaused = paused;
    this.#engine.pause(paused);
    this.#keeping?.goOn();
  }
  get isPaused(): boolean {
    return this.#isPaused;
  }
  get watcherKind(): WatcherKind | 'none' {
    return this.#watcher?.kind ?? 'none';
  }
  get keeping(): Keeping | undefined {
    return this.#keeping;
  }

  /** What only this object knows. */
  state(): ServiceState {
    const keeping = this.#keeping;
    return {
      isScanning: this.#engine.isScanning,
      isPaused: this.#isPaused,
      scanned: this.#engine.scanned,
      toScan: this.#engine.toScan,
      toHash: keeping?.waiting ?? 0,
      hashedFiles: keeping?.files ?? 0,
      hashedBytes: keeping?.bytes ?? 0,
      hasBacklog: keeping?.hasBacklog ?? false,
      watcher: this.watcherKind,
      missing: this.#engine.missingRoots(),
      unwatched: this.#engine.unwatched,
    };
  }

  /** Resolves when everything is scanned, and every file that has to be read was. */
  async finish(): Promise<void> {
    await this.sync();
    await this.#keeping?.finish();
  }

  /** Ends all threads and closes the catalogue. What the kernel has told and nobody has taken in is found by the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#thread?.close(), this.#engine.close(), this.#keeping?.close()]);
    this.#observed();
    this.#engine.watcher?.close();
    this.#watcher?.close();
    this.#database.close();
    this.#wake();
  }

  #take(message: WatchMessage): void {
    this.#engine.take(message);
    this.#synced = message.synced;
    this.#wake();
  }

  #startKeeping({ openStore, hash, rules, homes, threads, bytesPerSecond }: KeepOptions, onFailure: (error: unknown) => void): Keeping {
    const database = this.#database;
    const keepers = new Keepers({
      openStore,
      ...(threads !== undefined && { threads }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    });
    const flags = new RootFlags(new OwnerMatcher(rules, homes), this.#engine.rootPaths());
    const keeping = new Keeping({
      writer: this.#engine.writer,
      paths: this.#engine.paths,
      queue: new HashQueue(database),
      contents: new ContentRows(database),
      failures: new FailureRows(database),
      keepers,
      hash,
      flagsOf: (path) => {
        const { hash, keep } = flags.of(path);
        return { hash, keep: keep && openStore !== undefined };
      },
      mayWork: () => !this.#isPaused && !this.#engine.isScanning,
      onFailure,
    });
    keeping.start();
    return keeping;
  }

  #scanned(isFirst: boolean): void {
    this.#observed();
    // What a killed run had not read yet is found in the same way.
    if (isFirst || !this.#hasLookedForUnread) this.#keeping?.startBacklog();
    else this.#keeping?.goOn();
    this.#hasLookedForUnread = true;
  }

  /** While nothing is open, everything up to now has been observed. */
  #observed(): void {
    if (!this.#engine.isScanning) this.#properties.set('observedUntil', wallNs());
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const NO_WATCHER = { watcher: undefined, refused: [] };

/** The best watcher that can mark every root that is there; none where there is none, unless one kind was asked for. */
function openBest(
  roots: readonly ByteName[],
  kind: WatcherKind | undefined,
): { readonly watcher: Watcher | undefined; readonly refused: readonly RefusedKind[] } {
  using stack = new DisposableStack();
  const directories = roots.flatMap((root) => {
    try {
      return [stack.use(system().openDirectory(root))];
    } catch (error) {
      // A root that is not there is no reason not to watch the others.
      if (error instanceof SystemError) return [];
      throw error;
    }
  });
  try {
    return openWatcher(directories, kind);
  } catch (error) {
    if (kind === undefined && error instanceof NoWatcherError) return { ...NO_WATCHER, refused: error.refused };
    throw error;
  }
}

/** An own folder as a scan recognises it; nothing when there is none yet. */
function identified(path: ByteName): { path: ByteName; identity: string }[] {
  try {
    using directory = system().openDirectory(path);
    const stat = new Stat();
    directory.stat('.' as ByteName, stat);
    return [{ path, identity: `${stat.dev}:${stat.ino}` }];
  } catch {
    return [];
  }
}
