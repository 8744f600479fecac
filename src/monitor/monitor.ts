import { resolve } from 'node:path';
import { turnEventLoop } from '../base/event-loop.ts';
import { type ByteName, nameFromText } from '../base/names.ts';
import { monotonicMs } from '../sys/clock.ts';
import { pathOfDirectory } from '../sys/directory-path.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { WatcherKind } from '../sys/watch/types.ts';
import { Comparison } from './comparison.ts';
import { Disk } from './disk.ts';
import { MonitorClosedError } from './errors.ts';
import { EventSource, openSource } from './event-source.ts';
import { KnownTree, TOP } from './known-tree.ts';
import type { Change, Monitor, MonitorOptions } from './types.ts';

/** After so long the event loop has a turn. */
const SLICE_MS = 8;
/** No event tells that a directory above the top was moved, so the top is looked at this often. */
const CHECK_TOP_MS = 2000;
const INTERVAL_MS = 5000;
/** Comparisons take at most a fifth of the time. */
const PAUSE_FACTOR = 4;
const SELF = '.' as ByteName;

interface Sync {
  /** Of the source's sync, or of the comparison that has to be over. */
  readonly number: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The one implementation of `Monitor`; see there. */
export class TreeMonitor implements Monitor {
  readonly source: WatcherKind | 'polling';
  readonly #options: MonitorOptions;
  readonly #tree: KnownTree;
  readonly #disk: Disk;
  readonly #events: EventSource | undefined;
  readonly #comparison: Comparison;
  readonly #changes: AsyncGenerator<Change, undefined>;
  #syncs: Sync[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;
  #ended: Promise<void> | undefined;
  #wakeUp = () => {};
  /** How many comparisons of everything were asked for, and are done. */
  #wanted = 1;
  #compared = 0;
  #nextMs = Number.POSITIVE_INFINITY;

  /** Throws SystemError when the top cannot be opened, and NoWatcherError. */
  constructor(path: string, options: MonitorOptions) {
    this.#options = options;
    using top = system().openDirectory(nameFromText(resolve(path)));
    const stat = new Stat();
    top.stat(SELF, stat);
    this.#tree = new KnownTree(stat);
    this.#disk = new Disk(this.#tree, pathOfDirectory(top) ?? nameFromText(resolve(path)));
    const watcher = openSource(top, options.source);
    this.source = watcher?.kind ?? 'polling';
    const parts = { tree: this.#tree, disk: this.#disk, onNews: () => this.#wakeUp() };
    const events = watcher && new EventSource({ ...parts, watcher, onFailure: (error) => this.#fail(error) });
    this.#events = events;
    this.#tree.onDirectoryGone = (row) => events?.forget(row);
    this.#comparison = new Comparison({
      tree: this.#tree,
      disk: this.#disk,
      mark: (row, directory, device) => events?.mark(row, directory, device),
      listsMoved: watcher?.keysFollowMoves === false,
      onError: options.onError ?? (() => {}),
    });
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#changes = this.#run();
  }

  next(): Promise<IteratorResult<Change, undefined>> {
    return this.#changes.next();
  }

  async return(): Promise<IteratorResult<Change, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  sync(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new MonitorClosedError());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const number = this.#events?.askForSync() ?? ++this.#wanted;
    this.#syncs.push({ number, resolve, reject });
    this.#wakeUp();
    return promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeUp();
    await this.#changes.return(undefined);
    await this.#end();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#run(): AsyncGenerator<Change, undefined> {
    try {
      while (!this.#isClosed) {
        const synced = this.#events?.synced ?? this.#wanted;
        yield* this.#pass();
        this.#throwIfFailed();
        this.#answer(synced);
        await this.#untilNews();
      }
      this.#throwIfFailed();
      return undefined;
    } finally {
      await this.#end();
    }
  }

  async *#pass(): AsyncGenerator<Change> {
    const fromMs = monotonicMs();
    const wanted = this.#wanted;
    const isDue = fromMs >= this.#nextMs;
    this.#disk.checkTop();
    this.#lookAtNews();
    if (this.#compared < wanted) this.#comparison.list(TOP, true);
    else if (isDue) for (const row of this.#events?.unwatched ?? []) this.#comparison.list(row, false);
    let sliceMs = fromMs;
    for (const change of this.#comparison.run()) {
      if (change !== undefined) yield change;
      else if (monotonicMs() - sliceMs > SLICE_MS) {
        await turnEventLoop();
        sliceMs = monotonicMs();
      }
      if (this.#isClosed || this.#failure !== undefined) return;
    }
    if (this.#compared < wanted || isDue) this.#nextMs = this.#next(fromMs);
    this.#compared = wanted;
  }

  #lookAtNews(): void {
    const batch = this.#events?.take();
    if (batch === undefined) return;
    for (const { row, name } of this.#events?.places(batch) ?? []) {
      if (name !== SELF) this.#comparison.look(row, name);
      // A directory itself is looked at from above, the top in each pass.
      else if (row !== TOP) this.#comparison.look(this.#tree.parent(row), this.#tree.name(row));
    }
    for (const row of this.#events?.unmarked(batch) ?? []) this.#comparison.list(row, false);
    if (batch.overflowed || batch.mountsChanged) this.#comparison.list(TOP, true);
  }

  /** When to compare again what no event tells. */
  #next(fromMs: number): number {
    const now = monotonicMs();
    return now + Math.max(this.#options.intervalMs ?? INTERVAL_MS, (now - fromMs) * PAUSE_FACTOR);
  }

  get #comparesAll(): boolean {
    return this.#events?.watcher.tellsOfLoss !== true;
  }

  get #hasUnwatched(): boolean {
    return (this.#events?.unwatched.size ?? 0) > 0;
  }

  async #untilNews(): Promise<void> {
    for (;;) {
      if (this.#isClosed || this.#failure !== undefined) return this.#throwIfFailed();
      if (this.#events?.hasNews || this.#compared < this.#wanted) return;
      if (this.#syncs.some(({ number }) => number <= (this.#events?.synced ?? 0))) return;
      const leftMs = this.#comparesAll || this.#hasUnwatched ? this.#nextMs - monotonicMs() : CHECK_TOP_MS;
      if (leftMs <= 0) {
        if (this.#comparesAll) this.#wanted++;
        return;
      }
      await this.#pause(Math.min(CHECK_TOP_MS, leftMs));
      this.#disk.checkTop();
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wakeUp = resolve;
    await promise;
    clearTimeout(timer);
    this.#wakeUp = () => {};
  }

  #answer(synced: number): void {
    for (const { number, resolve } of this.#syncs) if (number <= synced) resolve();
    this.#syncs = this.#syncs.filter(({ number }) => number > synced);
  }

  readonly #onAbort = () => this.#fail(this.#options.signal?.reason);

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wakeUp();
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #end(): Promise<void> {
    this.#ended ??= this.#endOnce();
    return this.#ended;
  }

  async #endOnce(): Promise<void> {
    this.#isClosed = true;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    for (const { reject } of this.#syncs.splice(0)) reject(new MonitorClosedError());
    await this.#events?.close();
  }
}
