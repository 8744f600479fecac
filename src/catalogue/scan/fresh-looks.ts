import type { ByteName } from '../../base/names.ts';
import type { CatalogueNode, NodeId } from '../types.ts';

/** So many names are remembered; beyond, whole directories count as looked at. */
const NAMES = 100_000;

/**
 * Which names and nodes were looked at and which directories listed while scans are under way. A listing that was made before knows less than the catalogue does by now, and must not
 * take it back: events overtake listings, and so do listings by another thread.
 */
export class FreshLooks {
  readonly #looks = new Map<NodeId, Map<ByteName, number>>();
  /** Nodes that were looked at without their place. */
  readonly #nodes = new Map<NodeId, number>();
  readonly #directories = new Map<NodeId, number>();
  readonly #listings = new Map<NodeId, number>();
  /** Directories of which that listing was that of a scan which goes on with what is in them. */
  readonly #entered = new Map<NodeId, number>();
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

  /** A node was looked at without its place: what it is, is known, but not whether that place is still its own. */
  noteItself({ id, parent }: Pick<CatalogueNode, 'id' | 'parent'>, atMs: number): void {
    if (this.#names >= NAMES) {
      this.#directories.set(parent, atMs);
      return;
    }
    if (!this.#nodes.has(id)) this.#names++;
    this.#nodes.set(id, atMs);
  }

  /** Whether a node was looked at since without its place. */
  hasItself(node: NodeId, sinceMs: number): boolean {
    return (this.#nodes.get(node) ?? -1) >= sinceMs;
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

  /** The scan by which a directory was listed, begun then, goes on with all that is in it. */
  noteEntered(directory: NodeId, startedMs: number): void {
    this.#entered.set(directory, startedMs);
  }

  /** Whether a directory was listed, and is compared with all that is in it, by a scan that came to it later. */
  isEnteredAfter(directory: NodeId, startedMs: number): boolean {
    return (this.#entered.get(directory) ?? -1) > startedMs;
  }

  /** Whether any listing of a directory was taken in. */
  isListed(directory: NodeId): boolean {
    return this.#listings.has(directory);
  }

  /** Whether a listing of a directory was taken in that was begun later. */
  isListedAfter(directory: NodeId, startedMs: number): boolean {
    return (this.#listings.get(directory) ?? -1) > startedMs;
  }

  /** Everything is listed: no listing from before a look can come any more. */
  clearLooks(): void {
    this.#looks.clear();
    this.#nodes.clear();
    this.#directories.clear();
    this.#names = 0;
  }

  /** Nor does it count any more which directories were listed. */
  clear(): void {
    this.clearLooks();
    this.#listings.clear();
    this.#entered.clear();
  }
}
