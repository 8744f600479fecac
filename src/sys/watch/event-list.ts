import type { ByteName } from '../../base/names.ts';
import type { DirectoryKey, WatchBatch, WatchEvent } from './types.ts';

/** The directory itself, in events. */
export const SELF = '.' as ByteName;

/** What an event says of content: that it was modified, that a writer closed it (behind any modification), or nothing. */
export type Writing = 'modified' | 'closed' | undefined;

interface GrowingEvent extends WatchEvent {
  isOpen: boolean;
  pid: number;
}

/**
 * The events of one reading of a queue, those of one name merged: where to look is the same for all of them. Renames stay apart, since each has
 * two places.
 */
export class EventList {
  readonly #events: GrowingEvent[] = [];
  readonly #directories = new Map<DirectoryKey, Map<ByteName, GrowingEvent>>();
  readonly #lost = new Set<DirectoryKey>();
  #overflowed = false;
  /** Events come in runs of one directory. */
  #directory: DirectoryKey | undefined;
  #names = new Map<ByteName, GrowingEvent>();

  /** How many events, those of one name counted once. */
  get size(): number {
    return this.#events.length;
  }
  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#lost.size === 0 && !this.#overflowed;
  }

  add(directory: DirectoryKey, name: ByteName, writing: Writing, pid: number): void {
    if (directory !== this.#directory) this.#enter(directory);
    const known = this.#names.get(name);
    if (known === undefined) {
      const event = { directory, name, isOpen: writing === 'modified', pid };
      this.#names.set(name, event);
      this.#events.push(event);
      return;
    }
    if (writing !== undefined) known.isOpen = writing === 'modified';
    known.pid = pid;
  }

  addRename(directory: DirectoryKey, name: ByteName, toDirectory: DirectoryKey, toName: ByteName, pid: number): void {
    this.#events.push({ directory, name, to: { directory: toDirectory, name: toName }, isOpen: false, pid });
  }

  addLost(directory: DirectoryKey): void {
    this.#lost.add(directory);
  }

  addOverflow(): void {
    this.#overflowed = true;
  }

  batch(mountsChanged: boolean): WatchBatch {
    return { events: this.#events, overflowed: this.#overflowed, lost: [...this.#lost], mountsChanged };
  }

  #enter(directory: DirectoryKey): void {
    const names = this.#directories.get(directory);
    this.#names = names ?? new Map();
    if (names === undefined) this.#directories.set(directory, this.#names);
    this.#directory = directory;
  }
}
