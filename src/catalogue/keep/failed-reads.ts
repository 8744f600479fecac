import type { NodeId } from '../types.ts';

/** Before a file is tried again; doubled each time. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;
/** So many are remembered, some megabytes; of more, the oldest wait until everything is looked through. */
const MOST = 50_000;

interface Failed {
  readonly pauseMs: number;
  /** Undefined while it is tried. */
  readonly dueMs: number | undefined;
}

/** Files that could not be read (a disk that hiccups, a folder without rights), and when each is tried again: nothing need ever happen to them that an event would tell of. Times are of one clock that does not go back. */
export class FailedReads {
  readonly #files = new Map<NodeId, Failed>();
  readonly #firstPauseMs: number;
  /** None is due before that. */
  #earliestMs = Number.POSITIVE_INFINITY;

  constructor(firstPauseMs = FIRST_PAUSE_MS) {
    this.#firstPauseMs = firstPauseMs;
  }

  /** A file could not be read. Returns false when another had to be forgotten for it. */
  note(id: NodeId, nowMs: number): boolean {
    const before = this.#files.get(id)?.pauseMs;
    const pauseMs = before === undefined ? this.#firstPauseMs : Math.min(2 * before, LONGEST_PAUSE_MS);
    this.#files.delete(id);
    this.#files.set(id, { pauseMs, dueMs: nowMs + pauseMs });
    this.#earliestMs = Math.min(this.#earliestMs, nowMs + pauseMs);
    if (this.#files.size <= MOST) return true;
    const [oldest] = this.#files.keys();
    this.#files.delete(oldest as NodeId);
    return false;
  }

  /** It was read, or is a node no more. */
  delete(id: NodeId): void {
    this.#files.delete(id);
  }

  /** Those that are to be tried again; each is told once, until it fails again. */
  takeDue(nowMs: number): NodeId[] {
    const due: NodeId[] = [];
    if (nowMs < this.#earliestMs) return due;
    this.#earliestMs = Number.POSITIVE_INFINITY;
    for (const [id, { pauseMs, dueMs }] of this.#files) {
      if (dueMs === undefined) continue;
      if (dueMs > nowMs) {
        this.#earliestMs = Math.min(this.#earliestMs, dueMs);
        continue;
      }
      this.#files.set(id, { pauseMs, dueMs: undefined });
      due.push(id);
    }
    return due;
  }

  /** When the next one may have to be tried again, in ms from now; undefined when none has. */
  dueInMs(nowMs: number): number | undefined {
    return this.#earliestMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, this.#earliestMs - nowMs);
  }
}
