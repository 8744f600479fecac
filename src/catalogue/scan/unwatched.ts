import { monotonicMs } from '../../sys/clock.ts';
import type { NodeId } from '../types.ts';
import type { Unwatched } from './messages.ts';

/** They are compared with the disk at most this often, */
const EVERY_MS = 60_000;
/** and so that it takes at most this part of the time. */
const SHARE = 0.05;

/** That so many directories are not watched, for one reason. */
export interface Shortcoming {
  readonly why: Unwatched;
  readonly directories: number;
}

/** The same of one root. */
interface RootShortcoming extends Shortcoming {
  readonly root: NodeId;
  directories: number;
}

/**
 * Directories of which the kernel tells nothing, and those that could not be seen as they are, because of missing rights or a failing disk. What changes in them
 * is found by comparing them with the disk at intervals; each time they are marked, if they can be by then.
 */
export class UnwatchedDirectories {
  readonly #directories = new Map<NodeId, RootShortcoming>();
  readonly #shortcomings = new Map<string, RootShortcoming>();
  /** Directories of which something could not be seen; true: nothing. */
  readonly #unseen = new Map<NodeId, boolean>();
  #startedMs: number | undefined;
  #nextMs = monotonicMs() + EVERY_MS;

  get isEmpty(): boolean {
    return this.#directories.size + this.#unseen.size === 0;
  }

  /** A directory could not be listed (`isWhole`), or some of its names not be looked at. */
  noteUnseen(id: NodeId, isWhole: boolean): void {
    this.#unseen.set(id, isWhole || this.#unseen.get(id) === true);
  }

  /** Directories of which nothing could be seen. */
  *unseen(): Generator<NodeId> {
    for (const [id, isWhole] of this.#unseen) if (isWhole) yield id;
  }

  /** A directory itself has changed, so it may be possible to see it by now: whether it could not before. It counts as seen until it is noted again. */
  takeUnseen(id: NodeId): boolean {
    return this.#unseen.delete(id);
  }

  /** A directory was listed: events will come of it when `why` is undefined. `root` is the top of its root. */
  note(id: NodeId, root: () => NodeId, why: Unwatched | undefined): void {
    this.#forgetUnwatched(id);
    if (why === undefined) return;
    const key = `${root()} ${why.reason}`;
    const shortcoming = this.#shortcomings.get(key) ?? { root: root(), why, directories: 0 };
    shortcoming.directories++;
    this.#shortcomings.set(key, shortcoming);
    this.#directories.set(id, shortcoming);
  }

  /** How much of a root is not watched, and why. */
  of(root: NodeId): Shortcoming[] {
    return [...this.#shortcomings.values()].filter((each) => each.root === root).map(({ why, directories }) => ({ why, directories }));
  }

  /** Whether it is time to compare again what is not watched. */
  get isDue(): boolean {
    return this.#startedMs === undefined && monotonicMs() >= this.#nextMs;
  }

  /** All of them, and whether what is below them has to be compared with them; that begins. */
  begin(): { readonly id: NodeId; readonly recursive: boolean }[] {
    this.#startedMs = monotonicMs();
    const due = new Map<NodeId, boolean>([...this.#directories.keys()].map((id) => [id, false]));
    for (const [id, isWhole] of this.#unseen) due.set(id, isWhole);
    this.#unseen.clear();
    return Array.from(due, ([id, recursive]) => ({ id, recursive }));
  }

  /** Everything that was to be compared was. */
  end(): void {
    if (this.#startedMs === undefined) return;
    const now = monotonicMs();
    this.#nextMs = now + Math.max(EVERY_MS, (now - this.#startedMs) / SHARE);
    this.#startedMs = undefined;
  }

  /** A directory is gone. */
  forget(id: NodeId): void {
    this.#unseen.delete(id);
    this.#forgetUnwatched(id);
  }

  #forgetUnwatched(id: NodeId): void {
    const shortcoming = this.#directories.get(id);
    if (shortcoming === undefined) return;
    this.#directories.delete(id);
    if (--shortcoming.directories === 0) this.#shortcomings.delete(`${shortcoming.root} ${shortcoming.why.reason}`);
  }
}
