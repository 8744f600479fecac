import type { ByteName } from '../../base/names.ts';
import type { NodeId } from '../types.ts';

/** So many names are remembered; beyond, whole directories count as looked at. */
const NAMES = 100_000;

/**
 * Which names were looked at and which directories listed while scans are under way. A listing that was made before knows less than the catalogue does by now, and must not
 * take it back: events overtake listings, and so do listings by another thread.
 */
export class FreshLooks {
  readonly #looks = new Map<NodeId, Map<ByteName, number>>();
  readonly #directories = new Map<NodeId, number>();
  readonly #listings = new Map<NodeId, number>();
  #names = 0;

  note(directory: NodeId, name: ByteName, atMs: number): void {
    if (this.#names >= NAMES) {
      this.#directories.set(directory, atMs);
      return;
    }
    const names = this.#looks.get(directory) ?? new Map<ByteName, number>();
    this.#looks.set(directory, names);
    if (!names.has(name)) this.#names++;
    names.set(name, atMs);
  }

  /** Whether a name was looked at since. */
  has(directory: NodeId, name: ByteName, sinceMs: number): boolean {
    return (this.#looks.get(directory)?.get(name) ?? -1) >= sinceMs;
  }

  /** Whether anything in it was. */
  hasAny(directory: NodeId): boolean {
    return this.#looks.has(directory) || this.#directories.has(directory);
  }

  /** Whether it is not known which names were looked at since: then the directory has to be listed again. */
  isDoubtful(directory: NodeId, sinceMs: number): boolean {
    return (this.#directories.get(directory) ?? -1) >= sinceMs;
  }

  /** A listing of a directory, begun then, is taken in. */
  noteListing(directory: NodeId, startedMs: number): void {
    this.#listings.set(directory, startedMs);
  }

  /** Whether a listing of a directory was taken in that was begun later. */
  isListedAfter(directory: NodeId, startedMs: number): boolean {
    return (this.#listings.get(directory) ?? -1) > startedMs;
  }

  clear(): void {
    this.#listings.clear();
    this.#looks.clear();
    this.#directories.clear();
    this.#names = 0;
  }
}
