import type { CatalogueNode, NodeId } from '../types.ts';
import type { NodeRows } from '../write/node-rows.ts';
import type { LiveDirectories } from './live-directories.ts';

/** Where a file system gives its directories other inodes all the time, a listing settles nothing: so each is listed at most so often because something is missing in it. */
const MOST_LISTINGS = 4;

export interface MissingDirectoriesParts {
  readonly rows: NodeRows;
  readonly live: LiveDirectories;
  /** Whether a directory is in a root that is not in its place. */
  readonly isHidden: (id: NodeId) => boolean;
  /** Takes the directories that have to be listed since something is missing in them. */
  readonly doubtful: Set<NodeId>;
}

/** Directories that could not be listed because they were not where they were thought to be: a move of theirs is yet to be heard of. */
export class MissingDirectories {
  readonly #parts: MissingDirectoriesParts;
  readonly #missing = new Set<NodeId>();
  /** How often which directories were to be listed for this. */
  readonly #doubted = new Map<NodeId, number>();
  #mayBeFound = false;

  constructor(parts: MissingDirectoriesParts) {
    this.#parts = parts;
  }

  add(id: NodeId): void {
    this.#missing.add(id);
  }

  /** To be called when a directory has left its place or come to one, or was listed: what is missing may be found. */
  lookAgain(): void {
    this.#mayBeFound = true;
  }

  /** Those that are where they were thought to be by now: they have to be listed with all that is in them. Of the others, the directory above the uppermost that has left becomes doubtful. */
  takeFound(): NodeId[] {
    if (!this.#mayBeFound) return [];
    this.#mayBeFound = false;
    const { rows, isHidden } = this.#parts;
    const looked = new Map<NodeId, boolean>();
    const found: NodeId[] = [];
    for (const id of this.#missing) {
      const node = rows.get(id);
      // A root that is away is compared as a whole when it is back.
      const isWanted = node !== undefined && !isHidden(id);
      if (isWanted && !this.#isInPlace(node, looked)) continue;
      this.#missing.delete(id);
      if (isWanted) found.push(id);
    }
    return found;
  }

  /** Whether one could not be listed since a node has left its place for which `hasLeft` holds: it, or one above it. */
  areBelow(hasLeft: (top: NodeId) => boolean): boolean {
    for (const id of this.#missing) if (hasLeft(this.#parts.rows.topOf(id))) return true;
    return false;
  }

  /** A comparison is over: from now on directories may be listed as often again. */
  concluded(): void {
    this.#doubted.clear();
  }

  /** Whether a directory is where it was. If it is not, the uppermost on the way there that is not either is missed where it was. `looked`: what was found out before. */
  #isInPlace(node: CatalogueNode, looked: Map<NodeId, boolean>): boolean {
    const known = looked.get(node.id);
    if (known !== undefined) return known;
    const holds = this.#parts.live.isSeenToHold(node);
    looked.set(node.id, holds === true);
    const above = holds === true ? undefined : this.#parts.rows.get(node.parent);
    if (above !== undefined && holds === undefined) this.#isInPlace(above, looked);
    if (above !== undefined && holds === false) this.#missAt(above.id);
    return holds === true;
  }

  #missAt(id: NodeId): void {
    const { doubtful } = this.#parts;
    if (doubtful.has(id)) return;
    const times = (this.#doubted.get(id) ?? 0) + 1;
    this.#doubted.set(id, times);
    if (times <= MOST_LISTINGS) doubtful.add(id);
  }
}
