import { VarveError } from '../base/errors.ts';
import type { ByteName } from '../base/names.ts';
import type { Directory } from '../sys/types.ts';
import { NoWatcherError, openWatcher } from '../sys/watch/open.ts';
import { Backlog } from '../sys/watch/thread/backlog.ts';
import { WatchThread } from '../sys/watch/thread/watch-thread.ts';
import type { DirectoryKey, WatchBatch, WatchEvent, Watcher } from '../sys/watch/types.ts';
import type { Disk } from './disk.ts';
import type { KnownTree, Row } from './known-tree.ts';
import type { MonitorOptions } from './types.ts';

/** A watcher that works here, with the top marked; undefined where none does, or polling is asked for. Throws NoWatcherError for one that was asked for. */
export function openSource(top: Directory, source: MonitorOptions['source'] = 'best'): Watcher | undefined {
  if (source === 'polling') return undefined;
  try {
    return openWatcher([top], source === 'best' ? undefined : source).watcher;
  } catch (error) {
    if (source === 'best' && error instanceof NoWatcherError) return undefined;
    throw error;
  }
}

/** A place to look at: a name in a directory, or the directory itself. */
export interface PlaceToLook {
  readonly row: Row;
  readonly name: ByteName;
}

export interface EventSourceParts {
  readonly watcher: Watcher;
  readonly tree: KnownTree;
  readonly disk: Disk;
  /** Something has come, or `synced` has changed. */
  readonly onNews: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Events of the tree: which directories are marked, what their keys mean, and what was told and not taken yet. */
export class EventSource {
  readonly watcher: Watcher;
  readonly #parts: EventSourceParts;
  readonly #thread: WatchThread;
  readonly #backlog = new Backlog();
  readonly #rows = new Map<DirectoryKey, Row>();
  readonly #keys = new Map<Row, DirectoryKey>();
  /** Directories of which nothing is told. */
  readonly #unwatched = new Set<Row>();
  /** Of watchers that mark whole file systems: whether that works, by device. */
  readonly #devices = new Map<number, boolean>();
  #synced = 0;

  constructor(parts: EventSourceParts) {
    this.#parts = parts;
    this.watcher = parts.watcher;
    this.#thread = new WatchThread(
      parts.watcher,
      ({ batch, synced }) => {
        this.#backlog.add({ ...batch, events: batch.events.filter((event) => this.#concerns(event)) });
        const isNews = this.hasNews || synced !== this.#synced;
        this.#synced = synced;
        if (isNews) parts.onNews();
      },
      parts.onFailure,
    );
  }

  get hasNews(): boolean {
    return !this.#backlog.isEmpty;
  }
  /** Up to which number of `askForSync` the news are all there is. */
  get synced(): number {
    return this.#synced;
  }
  askForSync(): number {
    return this.#thread.askForSync();
  }
  get unwatched(): ReadonlySet<Row> {
    return this.#unwatched;
  }

  /** To be called before a directory is listed. */
  mark(row: Row, directory: Directory, device: number): void {
    this.#unwatched.delete(row);
    const key = this.#mark(directory, device);
    if (key === undefined) this.#unwatched.add(row);
    else if (this.watcher.keysFollowMoves) {
      this.#rows.set(key, row);
      this.#keys.set(row, key);
    }
  }

  /** A directory is gone. */
  forget(row: Row): void {
    this.#unwatched.delete(row);
    const key = this.#keys.get(row);
    this.#keys.delete(row);
    if (key !== undefined && this.#rows.get(key) === row) this.#rows.delete(key);
  }

  /** The news, which are none any more. Where marks may be gone with mounts, file systems are marked anew when their directories are listed. */
  take(): WatchBatch {
    const batch = this.#backlog.take();
    if (batch.mountsChanged) this.#devices.clear();
    return batch;
  }

  /** Where events say that one has to look: where something went before where it came from. */
  *places({ events }: WatchBatch): Generator<PlaceToLook> {
    for (const { directory, name, to } of events) {
      if (to !== undefined) yield* this.#place(to.directory, to.name);
      yield* this.#place(directory, name);
    }
  }

  /**
   * Directories whose mark is gone and that are known still: they may have left and come back meanwhile, or been made anew in their place, and nothing would be told of what is in them before
   * they are listed again.
   */
  *unmarked({ lost }: WatchBatch): Generator<Row> {
    for (const key of lost) {
      const found = this.#find(key);
      if (found !== undefined && found.next === undefined) yield found.row;
    }
  }

  async close(): Promise<void> {
    await this.#thread.close();
    this.watcher.close();
  }

  /** Whether an event is about something that is listed by now: what is not will be listed later, and shows then what has become of it. */
  #concerns({ directory, to }: WatchEvent): boolean {
    return this.#isKnown(directory) || (to !== undefined && this.#isKnown(to.directory));
  }

  #isKnown(key: DirectoryKey): boolean {
    return this.watcher.keysFollowMoves ? this.#rows.has(key) : this.#parts.disk.below(key as string as ByteName) !== undefined;
  }

  *#place(key: DirectoryKey, name: ByteName): Generator<PlaceToLook> {
    const found = this.#find(key);
    if (found !== undefined) yield { row: found.row, name: found.next ?? name };
  }

  /** The directory of a key, or the lowest known one above it and the name in there that leads to it. */
  #find(key: DirectoryKey): { readonly row: Row; readonly next: ByteName | undefined } | undefined {
    if (this.watcher.keysFollowMoves) {
      const row = this.#rows.get(key);
      return row === undefined ? undefined : { row, next: undefined };
    }
    const path = this.#parts.disk.below(key as string as ByteName);
    return path === undefined ? undefined : this.#parts.tree.find(path);
  }

  /** The key of a directory whose events come; undefined where none do. */
  #mark(directory: Directory, device: number): DirectoryKey | undefined {
    const { watcher } = this;
    try {
      if (watcher.marksDirectories) return watcher.mark(directory);
      if (!this.#devices.has(device)) {
        this.#devices.set(device, false);
        watcher.mark(directory);
        this.#devices.set(device, true);
      }
      return this.#devices.get(device) === true ? watcher.keyOf(directory) : undefined;
    } catch (error) {
      if (error instanceof VarveError) return undefined;
      throw error;
    }
  }
}
