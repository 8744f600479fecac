import type { ByteName } from '../../base/names.ts';
import { isEnd, type NodeId, type Place } from '../types.ts';
import type { EventRow } from './event-rows.ts';
import type { History } from './history.ts';
import { type Holder, holdersOf } from './paths.ts';
import type { Moment } from './types.ts';

/**
 * What belongs to a path, through time: the node that has it now and all that was ever below that one, wherever it stood; and the nodes that had the path before with
 * what was below them, up to when they left it.
 */
export class Subtree {
  readonly #holders = new Map<NodeId, Holder>();
  readonly #nodes: ReadonlySet<NodeId>;

  constructor(history: History, path: ByteName) {
    // Newest first: one that came back to the path belongs to it up to its last departure.
    for (const holder of holdersOf(history, path)) if (!this.#holders.has(holder.node)) this.#holders.set(holder.node, holder);
    this.#nodes = new Set(this.#holders.keys());
  }

  /** Whether an event is of the path or of something below it; of a move, whether one of its ends is. */
  has(history: History, event: EventRow): boolean {
    if (event.id <= (this.#holders.get(event.node)?.until ?? 0)) return true;
    const isIn = (place: EventRow['from'], moment: number) => place !== undefined && this.#isBelow(history, place, moment);
    if (isEnd(event.kind)) return isIn(event.from, event.told);
    return isIn(event.place(history), event.id) || isIn(event.from, event.id - 1);
  }

  /** Whether a node had the path itself, at whatever time. */
  isHolder(node: NodeId): boolean {
    return this.#nodes.has(node);
  }

  /** One that had the path once may have come to lie below the one that has it. */
  #isBelow(history: History, place: Place, moment: Moment): boolean {
    for (let at: Place | undefined = place; at !== undefined; ) {
      const top = history.above(at, this.#nodes, moment);
      if (top === undefined) return false;
      if (moment <= (this.#holders.get(top)?.until ?? 0)) return true;
      at = history.placeAt(top, moment);
    }
    return false;
  }
}
