import { SystemError } from '../../base/errors.ts';
import { keptIf } from '../../base/kept-if.ts';
import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import type { Directory } from '../../sys/types.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState, type Place } from '../types.ts';
import { isSameFile } from '../write/difference.ts';
import type { NodeRows } from '../write/node-rows.ts';
import type { Paths } from './paths.ts';
import { stateOfStat } from './states.ts';

/**
 * Directories of the catalogue on disk, reached by identity: the path that is known may be out of date while a rename waits in the queue, and then it
 * leads nowhere or, worse, to another directory.
 */
export class LiveDirectories {
  readonly #rows: NodeRows;
  readonly #paths: Paths;
  readonly #stat = new Stat();

  constructor(rows: NodeRows, paths: Paths) {
    this.#rows = rows;
    this.#paths = paths;
  }

  /** The directory of a node; undefined when it is not where it was. The caller closes it. */
  open(id: NodeId): Directory | undefined {
    const node = this.#rows.get(id);
    const path = this.#paths.ofDirectory(id);
    if (node === undefined || path === undefined) return undefined;
    let directory: Directory;
    try {
      directory = system().openDirectory(path);
    } catch (error) {
      if (error instanceof SystemError && GONE.has(error.errno)) return undefined;
      throw error;
    }
    return keptIf(directory, (opened) => this.#isAt(node, opened));
  }

  /** Whether an open directory is that of a node. */
  is(id: NodeId, directory: Directory): boolean {
    const node = this.#rows.get(id);
    return node !== undefined && this.#isAt(node, directory);
  }

  /** Whether a node's place still holds its file; undefined when its directory is not where it was. */
  holds(node: CatalogueNode): boolean | undefined {
    // What cannot be looked at is not known to have left.
    return this.#holds(node, true);
  }

  /** The same; undefined, too, when it cannot be looked at. */
  isSeenToHold(node: CatalogueNode): boolean | undefined {
    return this.#holds(node, undefined);
  }

  #holds<Unseen>(node: CatalogueNode, unseen: Unseen): boolean | Unseen | undefined {
    try {
      const isTop = node.parent === NO_DIRECTORY;
      const state = isTop ? this.#stateAt(node.id, SELF) : this.#stateAt(node.parent, node.name);
      if (state === 'unreached') return undefined;
      return state !== undefined && isSameFile(state, node);
    } catch (error) {
      if (error instanceof SystemError) return unseen;
      throw error;
    }
  }

  /** What is at a place; undefined when nothing is, or it cannot be looked at; `unreached` when its directory is not where it was. */
  stateAt(place: Place): NodeState | 'unreached' | undefined {
    try {
      return this.#stateAt(place.parent, place.name);
    } catch (error) {
      if (error instanceof SystemError) return undefined;
      throw error;
    }
  }

  #stateAt(directoryId: NodeId, name: ByteName): NodeState | 'unreached' | undefined {
    using directory = this.open(directoryId);
    if (directory === undefined) return 'unreached';
    return directory.stat(name, this.#stat) ? stateOfStat(this.#stat) : undefined;
  }

  #isAt(node: CatalogueNode, directory: Directory): boolean {
    if (!directory.stat(SELF, this.#stat)) return false;
    const state = stateOfStat(this.#stat);
    return state !== undefined && isSameFile(state, node);
  }
}

const SELF = '.' as CatalogueNode['name'];
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE']);
