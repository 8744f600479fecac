import { SystemError, UsageError, VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { wallNs } from '../sys/clock.ts';
import { Stat } from '../sys/stat.ts';
import { system } from '../sys/system.ts';
import type { Directory } from '../sys/types.ts';
import type { Watcher } from '../sys/watch/types.ts';
import { joinRoot } from './join-root.ts';
import { directoryState } from './look/disk-state.ts';
import { isBelow } from './look/paths.ts';
import { stateOfStat } from './look/states.ts';
import type { Unwatched } from './scan/messages.ts';
import { type CatalogueNode, type Cause, NO_DIRECTORY, type NodeId, type NodeState } from './types.ts';
import { isSameFile } from './write/difference.ts';
import type { FailureRows } from './write/failures.ts';
import type { GapReason, GapRows } from './write/gaps.ts';
import type { Root, RootRows } from './write/roots.ts';
import type { Writer } from './write/writer.ts';

export interface RootKeeperParts {
  readonly writer: Writer;
  readonly roots: RootRows;
  readonly gaps: GapRows;
  readonly failures: FailureRows;
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
    const top = this.#parts.writer.rows.topOf(id);
    return this.#parts.roots.all().some((root) => root.node === top && this.#missing.has(root.id));
  }

  /** Begins to watch directories, as `add` does. */
  addAll(paths: readonly ByteName[]): void {
    // The outer ones first, which the inner ones are then in already.
    for (const path of paths.toSorted((a, b) => a.length - b.length)) this.add(path, true);
  }

  /**
   * Begins to watch a directory; one that is watched already, or lies in one that is, changes nothing. Roots in it become folders of it, with their history. Throws SystemError, and UsageError
   * when one of those is not there.
   */
  add(path: ByteName, recursive: boolean): void {
    const { writer, roots, gaps } = this.#parts;
    const all = roots.all();
    if (all.some((root) => root.path === path || (root.recursive && isBelow(path, root.path)))) return;
    const inner = recursive ? all.filter((root) => isBelow(root.path, path)) : [];
    for (const root of inner)
      if (this.#appear(root) === 'gone')
        throw new UsageError(`${showName(root.path)} is watched, lies in ${showName(path)}, and is not there`);
    const state = directoryState(path);
    writer.transact(() => {
      const now = wallNs();
      // Where something was known before, what is met comes by events, so that none of it seems to have been there in the meantime.
      const isKnown = roots.has(path) || inner.length > 0;
      const cause: Cause = { origin: 'scan', time: now };
      const node = writer.create({ parent: NO_DIRECTORY, name: path }, state, isKnown ? cause : undefined);
      for (const root of inner) joinRoot(writer, { node, path }, root, cause);
      if (recursive) for (const id of roots.everBelow(path)) gaps.close(id, now, 0, []);
      roots.add({ node, path, recursive, isScanned: isKnown }, now);
    });
  }

  /** Marks every root and has it compared: at the start, and after events were lost. */
  compareAll(reason: GapReason, since: bigint): void {
    for (const root of this.#parts.roots.all()) this.compare(root, reason, since);
  }

  /** Looks which roots have gone and which are back. */
  check(): void {
    for (const root of this.#parts.roots.all()) {
      const wasMissing = this.#missing.has(root.id);
      const appears = this.#appear(root);
      if (appears === 'gone' || (appears === 'same' && !wasMissing)) continue;
      if (!wasMissing) this.#openGap(root, 'root gone', wallNs());
      this.#parts.scan(root);
    }
  }

  /**
   * Everything was compared: closes all gaps but those of roots that are not there. What of a root is not watched, by `unwatchedOf`, keeps or opens
   * one, and is a failure from when it does, unless that is merely how the source of events is.
   */
  closeGaps(now: bigint, found: number, unwatchedOf: (root: Root) => readonly Unwatched[]): void {
    const { roots, gaps, failures } = this.#parts;
    for (const root of roots.all()) {
      if (this.#missing.has(root.id)) continue;
      const unwatched = unwatchedOf(root);
      gaps.close(
        root.id,
        now,
        found,
        unwatched.map(({ reason }) => reason),
      );
      for (const why of unwatched)
        if (gaps.open(root.id, why.reason, now) && why.reason !== 'loss untold') failures.note(root.node, SELF, why, now);
      if (unwatched.length === 0) failures.watched(root.node);
    }
  }

  /** Has a root compared that could not be watched for a while. */
  compare(root: Root, reason: GapReason, since: bigint): void {
    if (root.isScanned) this.#openGap(root, reason, since);
    if (this.#appear(root) !== 'gone') this.#parts.scan(root);
  }

  /** Marks the top of a root, and takes over what has become of it. */
  #appear(root: Root): 'same' | 'other' | 'gone' {
    const { writer } = this.#parts;
    try {
      using directory = system().openDirectory(root.path);
      directory.stat(SELF, stat);
      const state = stateOfStat(stat);
      const node = writer.rows.get(root.node);
      if (state === undefined || node === undefined || this.#isUncovered(node, state, directory)) return this.#disappear(root);
      this.#mark(directory);
      this.#missing.delete(root.id);
      if (isSameFile(node, state)) return 'same';
      // Another folder in its place (a file system mounted anew, a copy put back) is still this root: what differs in it, a scan finds.
      writer.transact(() => writer.replaceTop(node, state));
      return 'other';
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return this.#disappear(root);
    }
  }

  /** What cannot be marked is told by the scan. */
  #mark(directory: Directory): void {
    try {
      this.#parts.watcher?.mark(directory);
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
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

  #disappear(root: Root): 'gone' {
    if (!this.#missing.has(root.id)) this.#openGap(root, 'root gone', wallNs());
    this.#missing.add(root.id);
    return 'gone';
  }

  #openGap(root: Root, reason: GapReason, since: bigint): void {
    this.#parts.writer.transact(() => this.#parts.gaps.open(root.id, reason, since));
  }
}

const SELF = '.' as ByteName;
const stat = new Stat();
