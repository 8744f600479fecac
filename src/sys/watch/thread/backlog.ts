import type { DirectoryKey, WatchBatch, WatchEvent } from '../types.ts';

/** Beyond so many names that wait it is cheaper to compare everything anew. */
const NAMES = 500_000;

/** What the kernel has told and nobody has taken in yet. A name that is told of again is there once, where it was told of first: where to look is all that counts. */
export class Backlog {
  readonly #events = new Map<string, WatchEvent>();
  #overflowed = false;
  #mountsChanged = false;
  #lost: DirectoryKey[] = [];

  get isEmpty(): boolean {
    return this.#events.size === 0 && !this.#overflowed && !this.#mountsChanged && this.#lost.length === 0;
  }

  /** How many events there are. */
  get size(): number {
    return this.#events.size;
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

  /** All of it, or the first `most` events; that is then no longer here. Marks that have ended are told of with the last events, none of which may come behind that. */
  take(most = Number.POSITIVE_INFINITY): WatchBatch {
    const events: WatchEvent[] = [];
    for (const [key, event] of this.#events) {
      if (events.length >= most) break;
      events.push(event);
      this.#events.delete(key);
    }
    const isAll = this.#events.size === 0;
    const batch = { events, overflowed: this.#overflowed, mountsChanged: this.#mountsChanged, lost: isAll ? this.#lost : [] };
    this.#overflowed = false;
    this.#mountsChanged = false;
    if (isAll) this.#lost = [];
    return batch;
  }

  /** A rename is one thing with both its places; two renames from one place stay two. */
  #addEvent(event: WatchEvent): void {
    const { directory, name, to } = event;
    const place = `${directory}/${name}`;
    this.#events.set(to === undefined ? place : `${place}//${to.directory}/${to.name}`, event);
  }
}
