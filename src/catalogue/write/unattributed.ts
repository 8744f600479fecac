import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';

/** Some four megabytes. */
const MOST = 50_000;
/** What is told later than this may be of something else. */
const LATEST_NS = 10_000_000_000n;

/**
 * Events of what a listing has found before the kernel's word of it was taken in: files of a folder that was made a moment ago. The first word that comes of such a node is about what was found, and says who did it.
 */
export class UnattributedEvents {
  readonly #attribute: StatementSync;
  readonly #events = new Map<NodeId, { readonly event: number; readonly time: bigint }>();

  constructor(database: DatabaseSync) {
    this.#attribute = database.prepare('UPDATE event SET process = ? WHERE id = ? AND process IS NULL');
  }

  /** Remembers the event of a node, of which nobody is known to have caused it. Those are forgotten that are too old by now, and the oldest where there are too many. */
  add(node: NodeId, event: number, time: bigint): void {
    this.#events.delete(node);
    this.#events.set(node, { event, time });
    for (const [oldest, found] of this.#events) {
      if (this.#events.size <= MOST && time - found.time < LATEST_NS) break;
      this.#events.delete(oldest);
    }
  }

  /** How many are remembered. */
  get size(): number {
    return this.#events.size;
  }

  /** The kernel has told of a node at that time, and by which process. */
  told(node: NodeId, process: number | undefined, time: bigint): void {
    const found = this.#events.get(node);
    if (found === undefined || process === undefined) return;
    this.#events.delete(node);
    // The word may be earlier than the event, when it was remembered; by much only when the clock was set back.
    const apart = time > found.time ? time - found.time : found.time - time;
    if (apart < LATEST_NS) this.#attribute.run(process, found.event);
  }
}
