import type { ByteName } from '../../base/names.ts';
import { pathOfDirectory } from '../../sys/directory-path.ts';
import { Stat } from '../../sys/stat.ts';
import type { Directory } from '../../sys/types.ts';
import type { DirectoryKey, Watcher } from '../../sys/watch/types.ts';
import type { NodeId, Place } from '../types.ts';
import { isSameFile } from '../write/difference.ts';
import type { NodeRows } from '../write/node-rows.ts';
import { isBelow, type Paths } from './paths.ts';
import { stateOfStat } from './states.ts';

/** What a key of a directory leads to. */
export type KeyMeaning =
  | { readonly directory: NodeId }
  /** Nothing that is watched, or gone. */
  | 'nothing'
  /** A directory that was marked by a scan whose listing has not been taken in yet; or it is gone. */
  | 'later'
  /** A directory that is not known yet: below this name there is something new. */
  | { readonly unknown: Place };

/** So many keys are remembered where they can be asked for anew. */
const REMEMBERED = 50_000;

/** Which node a directory is that an event names by its key. */
export class DirectoryKeys {
  readonly #rows: NodeRows;
  readonly #paths: Paths;
  readonly #watcher: Watcher;
  readonly #own: readonly ByteName[];
  readonly #nodes = new Map<DirectoryKey, NodeId>();
  /** Nodes that have borne one key, of which all but one are a directory that was met again elsewhere before anybody could know that it is the same: in a first scan, when inodes have no index. */
  readonly #contested = new Map<DirectoryKey, Set<NodeId>>();
  readonly #outside = new Set<DirectoryKey>();
  readonly #stat = new Stat();

  constructor(parts: { readonly rows: NodeRows; readonly paths: Paths; readonly watcher: Watcher; readonly own: readonly ByteName[] }) {
    this.#rows = parts.rows;
    this.#paths = parts.paths;
    this.#watcher = parts.watcher;
    this.#own = parts.own;
  }

  /** A directory was marked, and bears this key. What a path leads to is looked at each time. */
  set(key: DirectoryKey, id: NodeId): void {
    if (!this.#watcher.keysFollowMoves) return;
    if (this.#watcher.kind === 'fanotify' && this.#nodes.size >= REMEMBERED) this.#nodes.clear();
    const before = this.#nodes.get(key);
    if (before !== undefined && before !== id) this.#contested.set(key, (this.#contested.get(key) ?? new Set([before])).add(id));
    this.#nodes.set(key, id);
    this.#outside.delete(key);
  }

  /** The mark is gone. */
  delete(key: DirectoryKey): void {
    this.#nodes.delete(key);
    this.#contested.delete(key);
  }

  /** Gives keys that several nodes have borne back to the one that is left. What happened there in between may have been lost: it has to be listed again. */
  settleContested(): NodeId[] {
    const settled: NodeId[] = [];
    for (const [key, bearers] of this.#contested) {
      const [left, another] = [...bearers].filter((id) => this.#rows.has(id));
      if (another !== undefined) continue;
      this.#contested.delete(key);
      if (left === undefined) continue;
      this.#nodes.set(key, left);
      settled.push(left);
    }
    return settled;
  }

  /** To be called when a directory has come into a root: what was outside may not be so any more. */
  forgetOutside(): void {
    this.#outside.clear();
  }

  /** Whether a directory was found to be outside of everything that is watched, and nothing has come into a root since that may be it. */
  isOutside(key: DirectoryKey): boolean {
    return this.#outside.has(key);
  }

  /** The node of the directory that bears a key, if it is known. */
  directoryOf(key: DirectoryKey): NodeId | undefined {
    const meaning = this.of(key);
    return typeof meaning === 'object' && 'directory' in meaning ? meaning.directory : undefined;
  }

  of(key: DirectoryKey): KeyMeaning {
    const known = this.#nodes.get(key);
    if (known !== undefined && this.#rows.has(known)) return { directory: known };
    if (this.#outside.has(key)) return 'nothing';
    using directory = this.#watcher.open(key);
    if (directory === undefined) return this.#watcher.marksDirectories && this.#watcher.keysFollowMoves ? 'later' : 'nothing';
    return this.#find(key, directory);
  }

  #nothing(key: DirectoryKey): 'nothing' {
    if (this.#outside.size >= REMEMBERED) this.#outside.clear();
    if (this.#watcher.keysFollowMoves) this.#outside.add(key);
    return 'nothing';
  }

  #find(key: DirectoryKey, directory: Directory): KeyMeaning {
    const path = pathOfDirectory(directory);
    if (path === undefined || this.#own.some((own) => isBelow(path, own))) return this.#nothing(key);
    directory.stat('.' as ByteName, this.#stat);
    const state = stateOfStat(this.#stat);
    if (state === undefined) return 'nothing';
    const near = this.#paths.find(path);
    if (near === undefined) {
      // It may have left a moment ago, of which the next event tells, and come back.
      const [known] = this.#rows.ofFile(state);
      return known === undefined ? this.#nothing(key) : { directory: known.id };
    }
    const [first] = near.rest;
    const here = this.#rows.get(near.id);
    const isHere = first === undefined && here !== undefined && isSameFile(here, state);
    const node = isHere ? here : this.#rows.ofFile(state)[0];
    if (node !== undefined) {
      this.set(key, node.id);
      return { directory: node.id };
    }
    // What was a file by then may be a directory by now.
    if (first !== undefined && here?.kind === 'directory') return { unknown: { parent: near.id, name: first } };
    return here === undefined ? 'nothing' : { unknown: { parent: here.parent, name: here.name } };
  }
}
