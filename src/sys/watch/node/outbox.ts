import type { ByteName } from '../../../base/names.ts';
import { EventList, type Writing } from '../event-list.ts';
import type { DirectoryKey, WatchEvent } from '../types.ts';
import { ROOM_BYTES } from './line.ts';
import type { CollectAnswer } from './messages.ts';

/** Beyond so many names that wait, everything is compared anew. */
const MOST_EVENTS = 100_000;
/** What an event takes beside its strings, at the most. */
const EVENT_BYTES = 128;
const MOST_BYTES = ROOM_BYTES - 1024;

/** What was told and nobody has collected yet. A name that is told of again is there once. */
export class Outbox {
  #list = new EventList();
  /** What is on its way: it was taken from the list, and did not fit into one answer. */
  #events: readonly WatchEvent[] = [];
  #lost: readonly DirectoryKey[] = [];
  #overflowed = false;

  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#lost.length === 0 && !this.#overflowed && this.#list.isEmpty;
  }

  add(directory: DirectoryKey, name: ByteName, writing: Writing): void {
    if (this.#list.size >= MOST_EVENTS) this.overflow();
    this.#list.add(directory, name, writing, 0);
  }

  addLost(directory: DirectoryKey): void {
    this.#list.addLost(directory);
  }

  /** Events were lost; those that wait may go with them. */
  overflow(): void {
    const { lost } = this.#list.batch(false);
    this.#list = new EventList();
    for (const key of lost) this.#list.addLost(key);
    this.#events = [];
    this.#overflowed = true;
  }

  /** As much as fits into one answer. */
  take(): CollectAnswer {
    if (this.#events.length === 0 && this.#lost.length === 0) {
      const { events, lost } = this.#list.batch(false);
      this.#list = new EventList();
      this.#events = events;
      this.#lost = lost;
    }
    let room = MOST_BYTES;
    const events = fitting(this.#events, ({ directory, name }) => {
      room -= directory.length + name.length + EVENT_BYTES;
      return room >= 0;
    });
    this.#events = this.#events.slice(events.length);
    // The last events of a directory come before, or together with, the end of its mark.
    const lost = fitting(this.#events.length > 0 ? [] : this.#lost, (key) => {
      room -= key.length + EVENT_BYTES;
      return room >= 0;
    });
    this.#lost = this.#lost.slice(lost.length);
    const overflowed = this.#overflowed;
    this.#overflowed = false;
    return { events, lost, overflowed };
  }
}

function fitting<T>(all: readonly T[], fits: (each: T) => boolean): T[] {
  const end = all.findIndex((each) => !fits(each));
  return all.slice(0, end < 0 ? all.length : end);
}
