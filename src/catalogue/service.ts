import type { DatabaseSync } from 'node:sqlite';
import type { HistorySettings } from '../base/config/types.ts';
import { SystemError, VarveError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import { wallNs } from '../sys/clock.ts';
import { identityAt } from '../sys/folder-identity.ts';
import { system } from '../sys/system.ts';
import { NoWatcherError, openWatcher, type RefusedKind } from '../sys/watch/open.ts';
import type { WatchMessage } from '../sys/watch/thread/messages.ts';
import { WatchThread } from '../sys/watch/thread/watch-thread.ts';
import type { Watcher, WatcherKind } from '../sys/watch/types.ts';
import { openForWriting } from './database.ts';
import { type GeneratedText, keepGenerated } from './describe/generated.ts';
import { describePath } from './describe/written.ts';
import { Engine } from './engine.ts';
import { rootPathsOf } from './figures.ts';
import { ContentRows } from './keep/content-rows.ts';
import { HashQueue } from './keep/hash-queue.ts';
import { Keepers } from './keep/keepers.ts';
import { Keeping } from './keep/keeping.ts';
import { ReleasedRows } from './keep/released-rows.ts';
import { Notifier } from './notify/notifier.ts';
import type { OwnerRule } from './owners/types.ts';
import { Ownership } from './ownership/ownership.ts';
import { Recording } from './ownership/recording.ts';
import { ProcessRows } from './processes/process-rows.ts';
import { ProcessTable } from './processes/process-table.ts';
import type { KeepOptions, Observed, ServiceOptions, ServiceState } from './service-types.ts';
import { CatalogueUpkeep } from './upkeep/catalogue-upkeep.ts';
import { Checkpoints } from './write/checkpoints.ts';
import { Properties } from './write/properties.ts';

/** What the kernel does not tell of is looked for this often. */
const CHECK_MS = 2000;
/** How often it is written down until when everything was observed, and memory given back, while nothing happens. */
const HEARTBEAT_MS = 60_000;
/** What is not told by then, when the service ends, is given up. */
const TELLING_MS = 500;
const FOR_EVER: HistorySettings = { maxAge: undefined, maxEvents: undefined, retention: undefined };

/**
 * The catalogue of a home at work, with its threads: opens it, compares the roots with the disk, and takes in what happens from then on. Lives in a thread of its own in
 * the daemon, since all its work is synchronous.
 */
export class CatalogueService {
  readonly #database: DatabaseSync;
  readonly #properties: Properties;
  readonly #checkpoints: Checkpoints;
  readonly #engine: Engine;
  /** Kinds of watchers that would have told more, and why they do not work here. */
  readonly refused: readonly RefusedKind[];
  readonly #watcher: Watcher | undefined;
  readonly #thread: WatchThread | undefined;
  readonly #keeping: Keeping | undefined;
  readonly #own: readonly ByteName[];
  readonly #ownership: Ownership;
  readonly #notifier: Notifier;
  readonly #upkeep: CatalogueUpkeep;
  readonly #timers: NodeJS.Timeout[];
  #isPaused = false;
  #hasLookedForUnread = false;
  /** What had been scanned and read when memory was given back last: at work, and at rest. */
  #workBefore = 0;
  #workBeforeRest = 0;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: ServiceOptions) {
    using opened = new DisposableStack();
    this.#database = opened.adopt(openForWriting(options.database), (database) => database.close());
    this.#properties = new Properties(this.#database);
    const own = options.own.flatMap(identified);
    this.#own = own.map(({ path }) => path);
    const roots = [...rootPathsOf(this.#database), ...options.roots];
    const { watcher, refused } = options.watcher === 'none' ? NO_WATCHER : openBest(roots, options.watcher);
    // A queue of the kernel's that nobody reads would grow until the process ends.
    this.#watcher = watcher && opened.use(watcher);
    this.refused = refused;
    const processes = new ProcessTable();
    const processRows = new ProcessRows(this.#database);
    this.#engine = new Engine(this.#database, {
      scanThreads: options.scanThreads,
      scanBatchBytes: options.scanBatchBytes,
      watcher: this.#watcher?.share(),
      own,
      askForSync: () => this.#thread?.askForSync() ?? 0,
      holdEvents: (held) => this.#thread?.hold(held),
      care: (foreign, known) => this.#thread?.care(foreign, known),
      processOf: (pid) => (pid === process.pid ? undefined : processRows.idOf(processes.look(pid))),
      onContent: (id) => this.#keeping?.changed(id),
      onScanned: (isFirst) => this.#scanned(isFirst),
      onFailure: options.onFailure,
    });
    this.#checkpoints = new Checkpoints(this.#database);
    this.#engine.writer.onCommit = () => this.#checkpoints.committed();
    this.#engine.roots.addAll(options.roots);
    const { rules = [], areRulesKnown = true, homes = [], packages = [], channels = [] } = options.owners ?? {};
    const onProblem = options.onProblem ?? (() => {});
    this.#ownership = new Ownership(this.#database, { rules, areRulesKnown, homes, roots: this.#engine.rootPaths() });
    this.#notifier = new Notifier(channels, { onFailure: (_, { message }) => onProblem(`a notification was given up: ${message}`) });
    this.#startRecording();
    this.#upkeep = new CatalogueUpkeep(this.#database, {
      ownership: this.#ownership,
      packages,
      history: options.history ?? FOR_EVER,
      mayWork: () => this.#mayWork,
      onPackagesKnown: () => this.#keeping?.goOn(),
      onOwners: () => this.#keeping?.startBacklog(),
      onReleased: () => this.#keeping?.release(),
      onProblem,
      onFailure: options.onFailure,
    });
    this.#keeping = options.keep && this.#startKeeping(options.keep, onProblem, options.onFailure);
    this.#engine.compareAll('not running', this.#properties.time('observedUntil') ?? wallNs());
    this.#thread = this.#watcher && new WatchThread(this.#watcher, (message) => this.#take(message), options.onFailure);
    this.#timers = [setInterval(() => this.#check(), CHECK_MS), setInterval(() => this.#heartbeat(), HEARTBEAT_MS)];
    opened.move();
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Resolves when everything that happened before this call is in the catalogue. Rejects when it is closed before. */
  async sync(): Promise<Observed> {
    const asked = this.#thread?.askForSync();
    const isObserved = () => (asked === undefined ? this.#engine.isSettled : this.#engine.settledSync >= asked);
    while (!this.#isClosed && !isObserved()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#isClosed) throw new VarveError('CATALOGUE_CLOSED', 'the catalogue was closed before everything was observed');
    const roots = this.#engine.mayMiss ? this.#engine.rootPaths() : this.#engine.missingRoots();
    return { moment: this.#engine.writer.journal.seal(), unwatched: [...this.#own, ...roots] };
  }

  /** Ends scanning and hashing, or lets them go on. Watching goes on in any case. */
  pause(paused: boolean): void {
    this.#isPaused = paused;
    this.#engine.pause(paused);
    this.#keeping?.goOn();
    this.#upkeep.goOn();
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

  /** Other rules of owners hold from now on. Files whose content they want and nobody has kept are read. While they are not all known (see OwnerOptions), no content is let go. */
  setRules(rules: readonly OwnerRule[], areKnown = true): void {
    this.#ownership.setRules(rules, areKnown);
    this.#keeping?.startBacklog();
  }

  /** Writes down what somebody says that a path is; an empty text takes it away. Throws NotWatchedError and NothingThereError. */
  describe(path: ByteName, text: string): void {
    describePath(this.#database, path, text, wallNs());
  }

  /** Writes down what a model says of a content. */
  keepGenerated(generated: GeneratedText): void {
    keepGenerated(this.#database, generated, wallNs());
  }

  /** What only this object knows. */
  state(): ServiceState {
    const keeping = this.#keeping;
    return {
      isScanning: this.#engine.isComparing,
      isPaused: this.#isPaused,
      scanned: this.#engine.scanned,
      toScan: this.#engine.toScan,
      toHash: keeping?.waiting ?? 0,
      hashedFiles: keeping?.files ?? 0,
      hashedBytes: keeping?.bytes ?? 0,
      hasBacklog: keeping?.hasBacklog ?? false,
      outage: keeping?.outage,
      watcher: this.watcherKind,
      missing: this.#engine.missingRoots(),
      unwatched: this.#engine.unwatchedParts(),
    };
  }

  /** Resolves when everything is scanned, and every file that has to be read was, but for those that are written all the time. */
  async finish(): Promise<void> {
    await this.sync();
    await this.#keeping?.finish();
  }

  /** Resolves when what there was to be scanned and read by now is, and what changes meanwhile may wait until it is quiet. */
  async catchUp(): Promise<void> {
    await this.sync();
    await this.#keeping?.catchUp();
  }

  /** Ends all threads and closes the catalogue. What the kernel has told and nobody has taken in is found by the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#upkeep.close();
    const telling = this.#notifier.close(TELLING_MS);
    try {
      await Promise.all([this.#thread?.close(), this.#engine.close(), this.#keeping?.close(), telling]);
      this.#observed();
    } finally {
      // A queue of the kernel's that nobody reads any more would grow until the process ends.
      this.#engine.watcher?.close();
      this.#watcher?.close();
      await this.#checkpoints.close();
      this.#database.close();
      this.#wake();
    }
  }

  #take(message: WatchMessage): void {
    this.#engine.take(message);
    if (message.batch.events.length > 0) this.#upkeep.namesChanged();
    this.#wake();
  }

  #startKeeping(options: KeepOptions, onProblem: (problem: string) => void, onFailure: (error: unknown) => void): Keeping {
    const { openStore, hash, threads, bytesPerSecond } = options;
    const database = this.#database;
    const keepers = new Keepers({
      openStore,
      ...(threads !== undefined && { threads }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    });
    const keeping = new Keeping({
      writer: this.#engine.writer,
      paths: this.#engine.paths,
      queue: new HashQueue(database),
      contents: new ContentRows(database),
      released: new ReleasedRows(database),
      failures: this.#engine.failures,
      keepers,
      hash,
      flagsOf: (path) => {
        const { hash, keep } = this.#ownership.flagsOf(path);
        return { hash, keep: keep && openStore !== undefined };
      },
      mayWork: () => this.#mayWork && this.#upkeep.arePackagesKnown,
      onOutage: (failure) =>
        onProblem(failure === undefined ? 'files are kept again' : `no file can be kept; it is tried again: ${failure.message}`),
      onFailure,
    });
    keeping.start();
    return keeping;
  }

  /** By the flags of owners. */
  #startRecording(): void {
    const { writer, paths } = this.#engine;
    const recording = new Recording({ database: this.#database, ownership: this.#ownership, writer, paths, notifier: this.#notifier });
    writer.journal.isRecorded = recording.isRecorded;
  }

  /** Whether what can wait may be done. */
  get #mayWork(): boolean {
    return !this.#isPaused && !this.#engine.isComparing;
  }

  #scanned(isFirst: boolean): void {
    this.#observed();
    this.#upkeep.namesChanged();
    this.#upkeep.goOn();
    // What a killed run had not read yet is found in the same way, and what was not in its place.
    const hasGivenUp = this.#keeping?.takeGivenUp() ?? false;
    if (isFirst || hasGivenUp || !this.#hasLookedForUnread) this.#keeping?.startBacklog();
    else this.#keeping?.goOn();
    this.#hasLookedForUnread = true;
  }

  #heartbeat(): void {
    this.#observed();
    if (!this.#isAtRest || this.#work === this.#workBeforeRest) return;
    this.#workBeforeRest = this.#work;
    this.#database.exec('PRAGMA shrink_memory');
    system().giveMemoryBack();
  }

  #check(): void {
    this.#engine.check();
    // While there is work, what is freed in one thread is not used by another, and what only a start has needed is needed no more.
    if (this.#isAtRest && this.#work === this.#workBefore) return;
    this.#workBefore = this.#work;
    system().giveMemoryBack();
  }

  get #isAtRest(): boolean {
    return !this.#engine.isScanning && (this.#keeping?.isIdle ?? true);
  }

  /** What was scanned and read so far. */
  get #work(): number {
    return this.#engine.scanned + (this.#keeping?.files ?? 0);
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
  const identity = identityAt(path);
  return identity === undefined ? [] : [{ path, identity }];
}
