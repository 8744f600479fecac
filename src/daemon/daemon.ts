import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogueFile, type Folders, ownersFolder } from '../base/config/folders.ts';
import type { HistorySettings, NotifySettings } from '../base/config/types.ts';
import type { Log } from '../base/log.ts';
import { type ByteName, nameFromShown, nameFromText, showName } from '../base/names.ts';
import type { ThreadFailure } from '../base/thread-failure.ts';
import { openForReading } from '../catalogue/database.ts';
import { figuresOf, type RootFigures } from '../catalogue/figures.ts';
import { commits } from '../catalogue/history/commits.ts';
import { EventReader } from '../catalogue/history/events.ts';
import { History } from '../catalogue/history/history.ts';
import { momentOfText, textOfMoment } from '../catalogue/history/moments.ts';
import type { PastEvent } from '../catalogue/history/types.ts';
import type { ServiceState } from '../catalogue/service-types.ts';
import { digestFromText } from '../hash/digest.ts';
import type {
  DaemonControl,
  DaemonState,
  DaemonStatus,
  EventLine,
  EventQuery,
  NewDescription,
  Outage,
  RootStatus,
  SyncPoint,
} from '../serve/types.ts';
import type { SharedStore } from '../store/share.ts';
import type { WatcherKind } from '../sys/watch/types.ts';
import { CatalogueThread } from './catalogue-thread.ts';

export interface DaemonOptions {
  readonly folders: Folders;
  /** Absolute, without symbolic links. */
  readonly roots: readonly ByteName[];
  /** Where contents are kept, how it is called, and the name of its hash. */
  readonly store: { readonly shared: SharedStore; readonly name: string; readonly hash: string };
  readonly version: string;
  readonly watcher?: WatcherKind;
  readonly notify: NotifySettings;
  readonly history: HistorySettings;
  readonly log: Log;
  /** Somebody has asked it to stop, or it cannot go on. */
  readonly onStop: (error?: Error) => void;
}

/** Figures that take time to count are counted anew when they are older than this. */
const FIGURES_MS = 2000;
const STOPPING_MS = 1800;
/** For the figures of a status, which read most of the catalogue once. */
const STATUS_CACHE_KIB = 4000;

/** What runs in the background: the catalogue's thread, and answers to who asks. Its caller holds the lock of the home. */
export class Daemon implements DaemonControl {
  readonly #options: DaemonOptions;
  readonly #started = new Date();
  readonly #thread: CatalogueThread;
  #reader: DatabaseSync | undefined;
  #figures: { readonly atMs: number; readonly roots: readonly RootFigures[] } | undefined;
  #last: { readonly atMs: number; readonly bytes: number; readonly rate: number } | undefined;
  #isStopping = false;

  constructor(options: DaemonOptions) {
    const { folders, roots, store, log, watcher, notify, history } = options;
    this.#options = options;
    this.#thread = new CatalogueThread({
      data: {
        database: catalogueFile(folders),
        roots,
        own: [folders.dataDir, folders.stateDir, folders.cacheDir, store.shared.folder].map(nameFromText),
        store: store.shared,
        hash: store.hash,
        owners: ownersFolder(folders),
        watcher,
        notify,
        history,
      },
      log,
      onLost: options.onStop,
    });
  }

  /** Resolves when the catalogue is open and the first scan has begun. */
  get ready(): Promise<void> {
    return this.#thread.ready;
  }

  /** What the catalogue's thread knows at the moment. */
  state(): Promise<ServiceState> {
    return this.#thread.ask('state');
  }

  /** Resolves when everything is scanned, hashed and kept, but for files that are written all the time. */
  async finish(): Promise<void> {
    await this.#thread.ask('finish');
    this.#figures = undefined;
  }

  /** Resolves when what there is now is scanned, hashed and kept; what changes meanwhile is not waited for. */
  async catchUp(): Promise<void> {
    await this.#thread.ask('catchUp');
    this.#figures = undefined;
  }

  /** Ends all threads, within two seconds. Called again, it waits for the same. */
  async close(): Promise<void> {
    this.#isStopping = true;
    const outcome = await this.#thread.stop(STOPPING_MS);
    this.#options.log.write('info', 'stopped', { outcome });
    this.#reader?.close();
    this.#reader = undefined;
  }

  async status(): Promise<DaemonStatus> {
    const live = await this.#live();
    const outage = this.#outage(live);
    const database = this.#database();
    const file = catalogueFile(this.#options.folders);
    const roots = database === undefined ? [] : this.#rootFigures(database);
    return {
      state: this.#stateOf(live),
      pid: process.pid,
      started: this.#started.toISOString(),
      version: this.#options.version,
      store: this.#options.store.name,
      catalogue: { path: file, bytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0 },
      memoryBytes: process.memoryUsage.rss(),
      roots: roots.map((figures) => rootStatus(figures, live)),
      work: this.#work(live, roots),
      errors: Number(database?.prepare('SELECT count(*) AS count FROM failure').get()?.count ?? 0),
      ...(outage !== undefined && { outage }),
    };
  }

  async pause(): Promise<void> {
    await this.#thread.pause(true);
  }
  async continue(): Promise<void> {
    await this.#thread.pause(false);
  }
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#options.onStop();
  }

  async syncPoint(signal: AbortSignal): Promise<SyncPoint> {
    const { moment, unwatched } = await untilAborted(this.#thread.ask('sync'), signal);
    return { token: textOfMoment(moment), unwatched: unwatched.map(showName) };
  }

  async describe({ path, text, generated }: NewDescription): Promise<void> {
    if (generated === undefined) await this.#thread.ask({ path: nameFromShown(path), text });
    else await this.#thread.ask({ digest: digestFromText(generated.digest), model: generated.model, text });
  }

  async unwatch(paths: readonly string[], signal: AbortSignal): Promise<void> {
    await untilAborted(this.#thread.unwatch(paths.map(nameFromShown)), signal);
    this.#options.log.write('info', 'folders are not watched any more', { paths });
    this.#figures = undefined;
  }

  async *events({ path, since, follow }: EventQuery, signal: AbortSignal): AsyncGenerator<EventLine> {
    const database = openForReading(catalogueFile(this.#options.folders));
    if (database === undefined) return;
    try {
      const history = new History(database);
      const filter = path === undefined ? {} : { path: nameFromShown(path) };
      let seen = since === undefined ? 0 : momentOfText(database, since);
      // The folder of a path may have been replaced by another one meanwhile.
      for await (const _ of follow ? commits(database, signal) : [undefined])
        for (const page of new EventReader(history, filter).after(seen)) {
          yield* page.events.map(eventLine);
          seen = page.seen;
        }
    } finally {
      database.close();
    }
  }

  async #live(): Promise<ServiceState | undefined> {
    try {
      return await Promise.race([this.state(), sleep(ANSWER_MS, undefined, { ref: false })]);
    } catch {
      return undefined;
    }
  }

  #stateOf(live: ServiceState | undefined): DaemonState {
    if (this.#isStopping) return 'stopping';
    if (live === undefined) return 'starting';
    if (live.isPaused) return 'paused';
    return live.isScanning ? 'scanning' : 'watching';
  }

  #outage(live: ServiceState | undefined): Outage | undefined {
    const { outage } = this.#thread;
    if (outage !== undefined) return outageOf('catalogue', outage);
    return live?.outage && outageOf('store', live.outage);
  }

  #work(live: ServiceState | undefined, roots: readonly RootFigures[]): DaemonStatus['work'] {
    const files = roots.reduce((sum, { unhashed }) => sum + unhashed, 0);
    const now = performance.now();
    const bytes = live?.hashedBytes ?? 0;
    const last = this.#last;
    const rate = last === undefined || now - last.atMs < 50 ? (last?.rate ?? 0) : ((bytes - last.bytes) / (now - last.atMs)) * 1000;
    this.#last = { atMs: now, bytes, rate: Math.max(0, rate) };
    return { toScan: live?.toScan ?? 0, toHash: live?.hasBacklog === false ? live.toHash : files, hashRate: Math.round(Math.max(0, rate)) };
  }

  #rootFigures(database: DatabaseSync): readonly RootFigures[] {
    const atMs = performance.now();
    if (this.#figures === undefined || atMs - this.#figures.atMs > FIGURES_MS) this.#figures = { atMs, roots: figuresOf(database) };
    return this.#figures.roots;
  }

  #database(): DatabaseSync | undefined {
    if (this.#reader !== undefined) return this.#reader;
    this.#reader = openForReading(catalogueFile(this.#options.folders));
    this.#reader?.exec(`PRAGMA cache_size = -${STATUS_CACHE_KIB}`);
    return this.#reader;
  }
}

/** A thread that is busy with a large transaction answers after it; a status does not wait for that. */
const ANSWER_MS = 1000;

/** Settles as `asked` does, or rejects with the reason of `signal`. */
async function untilAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([asked, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    aborted.promise.catch(() => undefined);
  }
}

/** `live` is undefined while nothing is watched yet. */
function rootStatus({ path, isScanned, ...figures }: RootFigures, live: ServiceState | undefined): RootStatus {
  const missing = live?.missing.includes(path) ?? false;
  const compared = live?.isScanning ? Math.min(live.scanned, figures.nodes) : isScanned ? figures.nodes : 0;
  return {
    ...figures,
    path: showName(path),
    scanned: missing ? 0 : compared,
    watcher: live === undefined || missing ? 'none' : live.watcher,
    scanning: live?.isScanning ?? false,
    missing,
    unwatched: (live?.unwatched ?? []).filter(({ root }) => root === path).map(({ root: _, ...part }) => part),
  };
}

function outageOf(of: Outage['of'], { message, advice }: Pick<ThreadFailure, 'message' | 'advice'>): Outage {
  return { of, message, ...(advice !== undefined && { advice }) };
}

function eventLine({ id, time, kind, origin, path, from }: PastEvent): EventLine {
  return {
    id,
    time: new Date(Number(time / 1_000_000n)).toISOString(),
    kind,
    origin,
    path: showName(path as ByteName),
    ...(from !== undefined && { from: showName(from) }),
  };
}
