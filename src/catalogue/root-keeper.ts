import { SystemError, UsageError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { wallNs } from '../sys/clock.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { Directory } from '../sys/types.ts';
import type { Watcher } from '../sys/watch/types.ts';
import { isBelow } from './look/paths.ts';
import { stateOfStat } from './look/states.ts';
import { type CatalogueNode, NO_DIRECTORY, type NodeId, type NodeState } from './types.ts';
import { isSameFile } from './write/difference.ts';
import type { GapReason, GapRows } from './write/gaps.ts';
import type { Root, RootRows } from './write/roots.ts';
import type { Writer } from './write/writer.ts';

export interface RootKeeperParts {
  readonly writer: Writer;
  readonly roots: RootRows;
  readonly gaps: GapRows;
  readonly watcher: Watcher | undefined;
  /** Has everything below a root compared. */
  readonly scan: (root: Root) => void;
}

/**
 * Keeps roots watched. A root whose folder has gone (moved away, deleted, its file system unmounted) keeps what is known of it: that it cannot be seen
 * does not say that its files are deleted. There is a gap until it is back and has been compared.
 *
 * The kernel tells when a root itself is moved or deleted, and when something is mounted or unmounted, but not when a folder above it is moved: so somebody
 * calls `check` now and then.
 */
export class RootKeeper {
  readonly #parts: RootKeeperParts;
  /** Roots whose folder is not there. */
  readonly #missing = new Set<number>();

  constructor(parts: RootKeeperParts) {
    this.#parts = parts;
  }

  isMissing(root: Root): boolean {
    return this.#missing.has(root.id);
  }

  /** Whether a node is in a root that is not in its place: what becomes of it elsewhere says nothing of that place. */
  hides(id: NodeId): boolean {
    if (this.#missing.size === 0) return false;
    const { rows } = this.#parts.writer;
    let node = rows.get(id);
    while (node !== undefined && node.parent > NO_DIRECTORY) node = rows.get(node.parent);
    return this.#parts.roots.all().some((root) => root.node === node?.id && this.#missing.has(root.id));
  }

  /** Begins to watch a directory; one that is watched already, or lies in one that is, changes nothing. Throws SystemError and UsageError. */
  add(path: ByteName, recursive: boolean): void {
    const { writer, roots } = this.#parts;
    const all = roots.all();
    if (all.some((root) => root.path === path || (root.recursive && isBelow(path, root.path)))) return;
    const below = all.find((root) => isBelow(root.path, path));
    if (below !== undefined && recursive)
      throw new UsageError(
        `${showName(below.path)} is watched already, and lies in ${showName(path)}`,
        'Watch the inner folders one by one instead.',
      );
    const state = stateOf(path);
    writer.transact(() => {
      const node = writer.create({ parent: NO_DIRECTORY, name: path }, state, undefined);
      roots.add(node, path, recursive, wallNs());
    });
  }

  /** Marks every root and has it compared: at the start, and after events were lost. */
  compareAll(reason: GapReason, since: bigint): void {
    for (const root of this.#parts.roots.all()) {
      if (root.isScanned) this.#openGap(root, reason, since);
      if (this.#appear(root)) this.#parts.scan(root);
    }
  }

  /** Looks which roots have gone and which are back. */
  check(): void {
    for (const root of this.#parts.roots.all()) {
      const wasMissing = this.#missing.has(root.id);
      if (this.#appear(root) && wasMissing) this.#parts.scan(root);
    }
  }

  /** Everything was compared: closes all gaps but those of roots that are not there. */
  closeGaps(now: bigint, found: number): void {
    for (const root of this.#parts.roots.all()) if (!this.#missing.has(root.id)) this.#parts.gaps.close(root.id, now, found);
  }

  /** Marks the top of a root, and takes over what has become of it. False when it is not there. */
  #appear(root: Root): boolean {
    const { watcher, writer } = this.#parts;
    try {
      using directory = system().openDirectory(root.path);
      directory.stat(SELF, stat);
      const state = stateOfStat(stat);
      const node = writer.rows.get(root.node);
      if (state === undefined || node === undefined || this.#isUncovered(node, state, directory)) return this.#disappear(root);
      watcher?.mark(directory);
      // Another folder in its place (a file system mounted anew, a copy put back) is still this root: what differs in it, a scan finds.
      if (!isSameFile(node, state)) writer.transact(() => writer.replaceTop(node, state));
      this.#missing.delete(root.id);
      return true;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return this.#disappear(root);
    }
  }

  /**
   * Whether a directory in the place of a root is the folder on which its file system is not mounted: it is on another device, no mount itself, and nothing in it
   * bears a name that was known in the root. A file system that got another number, or a copy put in its place, has some of the names.
   */
  #isUncovered(node: CatalogueNode, state: NodeState, directory: Directory): boolean {
    if (state.device === node.device || stat.isMountRoot) return false;
    const { rows } = this.#parts.writer;
    const isKnown = (name: ByteName) => rows.at({ parent: node.id, name }) !== undefined;
    return rows.hasChildren(node.id) && !directory.entries().names.some(isKnown);
  }

  #disappear(root: Root): boolean {
    if (!this.#missing.has(root.id)) this.#openGap(root, 'root gone', wallNs());
    this.#missing.add(root.id);
    return false;
  }

  #openGap(root: Root, reason: GapReason, since: bigint): void {
    this.#parts.writer.transact(() => this.#parts.gaps.open(root.id, reason, since));
  }
}

const SELF = '.' as ByteName;
const stat = new Stat();

function stateOf(path: ByteName): NodeState {
  using directory = system().openDirectory(path);
  directory.stat(SELF, stat);
  const state = stateOfStat(stat);
  if (state === undefined) throw new SystemError('ENOTDIR', 'open', showName(path));
  return state;
}
