import type { DirectoryKey, WatchBatch, WatchEvent } from '../types.ts';

/** Beyond so many names that wait it is cheaper to compare everything anew. */
const NAMES = 500_000;

/** What the kernel has told and nobody has taken in yet. A name that is told of again is there once: where to look is all that counts. */
export class Backlog {
  #events = new Map<string, WatchEvent>();
  #overflowed = false;
  #mountsChanged = false;
  #lost: DirectoryKey[] = [];

  get isEmpty(): boolean {
    return this.#events.size === 0 && !this.#overflowed && !this.#mountsChanged && this.#lost.length === 0;
  }

  add({ events, overflowed, mountsChanged, lost }: WatchBatch): void {
    for (const event of events) this.#addEvent(event);
    if (this.#events.size > NAMES) {
      this.#events.clear();
      this.#overflowed = true;
    }
    this.#overflowed ||= overflowed;
    this.#mountsChanged ||= mountsChanged;
    this.#lost.push(...lost);
  }

  /** All of it, which is then no longer here. */
  take(): WatchBatch {
    const batch = {
      events: [...this.#events.values()],
      overflowed: this.#overflowed,
      mountsChanged: this.#mountsChanged,
      lost: this.#lost,
    };
    this.#events = new Map();
    this.#overflowed = false;
    this.#mountsChanged = false;
    this.#lost = [];
    return batch;
  }

  /** A rename is one thing with both its places; two renames from one place stay two. */
  #addEvent(event: WatchEvent): void {
    const { directory, name, to } = event;
    const place = `${directory}/${name}`;
    const key = to === undefined ? place : `${place}//${to.directory}/${to.name}`;
    this.#events.delete(key);
    this.#events.set(key, event);
  }
}
