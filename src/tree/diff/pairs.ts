import type { ByteName } from '../../base/names.ts';
import type { ViewEntry } from '../view.ts';

/** What two directories have under one name; at least one of the two is there. */
export interface EntryPair {
  readonly name: ByteName;
  readonly before?: ViewEntry;
  readonly after?: ViewEntry;
}

type Batches = AsyncIterable<readonly ViewEntry[]>;

/** Joins two sorted listings by name, in order. */
export async function* pairEntries(before: Batches, after: Batches): AsyncGenerator<EntryPair[]> {
  const a = new Cursor(before);
  const b = new Cursor(after);
  try {
    for (;;) {
      await Promise.all([a.fill(), b.fill()]);
      if (a.current === undefined && b.current === undefined) return;
      const pairs: EntryPair[] = [];
      // As far as both batches reach: behind the end of one, its next batch is needed first.
      while (a.ready && b.ready && (a.current !== undefined || b.current !== undefined)) pairs.push(takePair(a, b));
      yield pairs;
    }
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

function takePair(a: Cursor, b: Cursor): EntryPair {
  const before = a.current;
  const after = b.current;
  if (before !== undefined && (after === undefined || before.name < after.name)) {
    a.next++;
    return { name: before.name, before };
  }
  b.next++;
  if (before === undefined || (after as ViewEntry).name < before.name)
    return { name: (after as ViewEntry).name, after: after as ViewEntry };
  a.next++;
  return { name: before.name, before, after: after as ViewEntry };
}

class Cursor {
  next = 0;
  readonly #listing: AsyncIterator<readonly ViewEntry[]>;
  #batch: readonly ViewEntry[] = [];
  #done = false;

  constructor(batches: Batches) {
    this.#listing = batches[Symbol.asyncIterator]();
  }

  get current(): ViewEntry | undefined {
    return this.#batch[this.next];
  }

  /** Whether `current` is what comes next, be it an entry or the end. */
  get ready(): boolean {
    return this.#done || this.next < this.#batch.length;
  }

  async fill(): Promise<void> {
    while (!this.ready) {
      const { done, value } = await this.#listing.next();
      this.#done = done === true;
      this.#batch = done ? [] : value;
      this.next = 0;
    }
  }

  async stop(): Promise<void> {
    await this.#listing.return?.();
  }
}
