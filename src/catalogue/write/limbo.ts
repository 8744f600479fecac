import type { Cause, NodeId, Place } from '../types.ts';

interface Left {
  readonly number: number;
  readonly place: Place;
  readonly cause: Cause;
}

/** Where the nodes in limbo were, and why they left, in the order in which they did. */
export class Limbo {
  readonly #nodes = new Map<NodeId, Left>();
  /** Of places that were left, nobody knows by whose doing, the last node that did. */
  readonly #unattributed = new Map<string, NodeId>();
  #count = 0;

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  /** How many nodes have come here so far. */
  get count(): number {
    return this.#count;
  }

  add(id: NodeId, place: Place, cause: Cause): void {
    this.delete(id);
    this.#nodes.set(id, { number: ++this.#count, place, cause });
    // What nobody was watching for is not told by the kernel: what it tells of that place is of something else.
    if (cause.process === undefined && cause.origin === 'live') this.#unattributed.set(keyOf(place), id);
  }

  delete(id: NodeId): void {
    const left = this.#nodes.get(id);
    if (left === undefined) return;
    this.#nodes.delete(id);
    this.#forget(left.place, id);
  }

  /** Where a node was; undefined when it is not here. */
  placeOf(id: NodeId): Place | undefined {
    return this.#nodes.get(id)?.place;
  }

  /** It is known now which process has made something leave that place. */
  attribute(place: Place, process: number): void {
    const id = this.#unattributed.get(keyOf(place));
    const left = id === undefined ? undefined : this.#nodes.get(id);
    if (id === undefined || left === undefined) return;
    this.#nodes.set(id, { ...left, cause: { ...left.cause, process } });
    this.#forget(place, id);
  }

  /** Whether one of the first `count` nodes that ever came here is here still. */
  hasUpTo(count: number): boolean {
    const [first] = this.#nodes.values();
    return first !== undefined && first.number <= count;
  }

  /** Whether a node is here that was not one of the first `count` that ever came here. */
  isAfter(id: NodeId, count: number): boolean {
    return (this.#nodes.get(id)?.number ?? 0) > count;
  }

  /** Those of the first `count` nodes that ever came here, and why they did. They may be taken away meanwhile. */
  *upTo(count: number): Generator<{ readonly id: NodeId; readonly cause: Cause }> {
    for (const [id, { number, cause }] of this.#nodes) {
      if (number > count) return;
      yield { id, cause };
    }
  }

  #forget(place: Place, id: NodeId): void {
    const key = keyOf(place);
    if (this.#unattributed.get(key) === id) this.#unattributed.delete(key);
  }
}

function keyOf({ parent, name }: Place): string {
  return `${parent}/${name}`;
}
