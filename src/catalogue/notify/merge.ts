import type { EventKind } from '../types.ts';
import type { Example, FlaggedChange, Notification } from './types.ts';

const MAX_EXAMPLES = 10;
/** More owners than anybody reads; and what one notification may hold in memory. */
const MAX_OWNERS = 100;
const OTHER_OWNERS = '…';

/** Changes counted together; any number of them takes the same space. */
export class Tally {
  #from: bigint | undefined;
  #to = 0n;
  #changes = 0;
  readonly #kinds = new Map<EventKind, number>();
  readonly #owners = new Map<string, number>();
  readonly #examples: Example[] = [];

  get isEmpty(): boolean {
    return this.#changes === 0;
  }

  add({ kind, path, owner, by, time }: FlaggedChange): void {
    this.#from = this.#from === undefined || time < this.#from ? time : this.#from;
    this.#to = time > this.#to ? time : this.#to;
    this.#changes++;
    count(this.#kinds, kind, 1);
    count(this.#owners, this.#owners.has(owner) || this.#owners.size < MAX_OWNERS ? owner : OTHER_OWNERS, 1);
    if (this.#examples.length < MAX_EXAMPLES) this.#examples.push({ kind, path, owner, ...(by !== undefined && { by }) });
  }

  notification(host: string): Notification {
    return {
      format: 1,
      host,
      from: iso(this.#from ?? 0n),
      to: iso(this.#to),
      changes: this.#changes,
      kinds: Object.fromEntries(this.#kinds),
      owners: Object.fromEntries(this.#owners),
      examples: [...this.#examples],
    };
  }
}

/** One notification of all that two tell; both are of one host. */
export function merge(a: Notification, b: Notification): Notification {
  const kinds = new Map(Object.entries(a.kinds) as [EventKind, number][]);
  for (const [kind, number] of Object.entries(b.kinds)) count(kinds, kind as EventKind, number);
  const owners = new Map(Object.entries(a.owners));
  for (const [owner, number] of Object.entries(b.owners))
    count(owners, owners.has(owner) || owners.size < MAX_OWNERS ? owner : OTHER_OWNERS, number);
  const times = [a.from, a.to, b.from, b.to].sort();
  return {
    format: 1,
    host: a.host,
    from: times.at(0) as string,
    to: times.at(-1) as string,
    changes: a.changes + b.changes,
    kinds: Object.fromEntries(kinds),
    owners: Object.fromEntries(owners),
    examples: [...a.examples, ...b.examples].slice(0, MAX_EXAMPLES),
  };
}

function count<Key>(into: Map<Key, number>, key: Key, number: number): void {
  into.set(key, (into.get(key) ?? 0) + number);
}

function iso(time: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(time).toString({ smallestUnit: 'millisecond' });
}
