import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { ByteName } from '../base/names.ts';
import { wallNs } from '../sys/clock.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import { openWatcher } from '../sys/watch/open.ts';
import type { Watcher, WatcherKind } from '../sys/watch/types.ts';
import { openForWriting } from './database.ts';
import { Engine } from './engine.ts';
import { WatchFlow } from './watch/flow.ts';
import type { WatchMessage, WatchWorkerData } from './watch/messages.ts';
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
  readonly onFailure: (error: unknown) => void;
}

/** Roots that are not there are looked for this often. */
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
  readonly #watcher: Watcher | undefined;
  readonly #flow = new WatchFlow();
  readonly #thread: Worker | undefined;
  readonly #timers: NodeJS.Timeout[];
  #synced = 0;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: ServiceOptions) {
    this.#database = openForWriting(options.database);
    this.#properties = new Properties(this.#database);
    this.#watcher = options.watcher === 'none' ? undefined : openWatcher([], options.watcher).watcher;
    this.#engine = new Engine(this.#database, {
      scanThreads: options.scanThreads,
      watcher: this.#watcher?.share(),
      own: options.own.flatMap(identified),
      askForSync: () => this.#askForSync(),
      processOf: () => undefined,
      onContent: () => undefined,
      onScanned: () => this.#observed(),
      onFailure: options.onFailure,
    });
    for (const root of options.roots) this.#engine.roots.add(root, true);
    this.#thread = this.#watcher && this.#startThread(this.#watcher, options.onFailure);
    this.#engine.compareAll('not running', this.#properties.time('observedUntil') ?? wallNs());
    this.#timers = [
      setInterval(() => this.#engine.roots.hasMissing && this.#engine.roots.check(), CHECK_MS),
      setInterval(() => this.#observed(), HEARTBEAT_MS),
    ];
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Resolves when everything that happened before this call is in the catalogue. */
  async sync(): Promise<void> {
    const asked = this.#askForSync();
    while (!this.#isClosed && (this.#synced < asked || !this.#engine.isSettled))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  pause(paused: boolean): void {
    this.#engine.pause(paused);
  }

  /** Ends all threads and closes the catalogue. What the kernel has told and nobody has taken in is found by the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#flow.stop();
    this.#watcher?.wake();
    await Promise.all([this.#thread?.terminate(), this.#engine.close()]);
    this.#observed();
    this.#engine.watcher?.close();
    this.#watcher?.close();
    this.#database.close();
    this.#wake();
  }

  #askForSync(): number {
    if (this.#watcher === undefined) return 0;
    const asked = this.#flow.askForSync();
    this.#watcher.wake();
    return asked;
  }

  #startThread(watcher: Watcher, onFailure: (error: unknown) => void): Worker {
    const workerData: WatchWorkerData = { watcher: watcher.share(), flow: this.#flow.memory };
    const thread = new Worker(new URL(`./watch/watch-worker${import.meta.url.slice(-3)}`, import.meta.url), { workerData });
    thread.on('message', (message: WatchMessage) => {
      if (this.#isClosed) return;
      try {
        this.#engine.take(message);
      } catch (error) {
        onFailure(error);
      }
      this.#flow.take();
      watcher.wake();
      this.#synced = message.synced;
      this.#wake();
    });
    thread.on('error', onFailure);
    return thread;
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
