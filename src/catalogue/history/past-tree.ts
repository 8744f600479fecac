import { type ByteName, showName } from '../../base/names.ts';
import type { RangeOptions } from '../../block/ref-reader.ts';
import type { Digest } from '../../hash/types.ts';
import { folderIdentity } from '../../sys/folder-identity.ts';
import { Owners } from '../../tree/save/owners.ts';
import type { Time } from '../../tree/types.ts';
import { joinPath, NotAFileError, type TreeView, type ViewEntry } from '../../tree/view.ts';
import { atOneMoment } from '../database.ts';
import { NO_DIRECTORY, type NodeId, type NodeState } from '../types.ts';
import { NotKeptError } from './errors.ts';
import type { History } from './history.ts';
import type { KeptContents } from './kept-contents.ts';
import type { Moment, PastNode } from './types.ts';

const NS_PER_SECOND = 1_000_000_000n;
const BATCH_ENTRIES = 256;

export interface PastTreeParts {
  readonly history: History;
  readonly contents: KeptContents;
  readonly top: PastNode;
  /** Where the top was, from the root of the file system on. */
  readonly path: ByteName;
  readonly moment: Moment;
  /** Identities of Varve's own folders, which are never listed. */
  readonly own?: ReadonlySet<string>;
  /** How many files are below a directory, and their sizes, where that is known; without it, it is not said. */
  readonly sumsOf?: (directory: NodeId) => ViewEntry['summary'];
}

/**
 * A node and everything below it as it was at a moment, as a tree like any other. The catalogue knows no extended attributes, of links and devices only what the store
 * keeps, and the bytes of those versions alone that were kept: entries are partial.
 *
 * A moment does not change any more, whatever the writer does meanwhile; only digests and contents may become known.
 */
export class PastTree implements TreeView {
  readonly root: ViewEntry;
  readonly #parts: PastTreeParts;
  readonly #nodes = new WeakMap<ViewEntry, NodeId>();
  readonly #owners = new Owners();

  private constructor(parts: PastTreeParts, target: ByteName | undefined) {
    this.#parts = parts;
    this.root = this.#entryOf({ ...parts.top, name: parts.path.slice(parts.path.lastIndexOf('/') + 1) as ByteName }, target);
  }

  static async open(parts: PastTreeParts): Promise<PastTree> {
    return new PastTree(parts, await parts.contents.targetOf(parts.top.state));
  }

  async *entries(directory: ViewEntry, _path: ByteName, signal?: AbortSignal): AsyncGenerator<readonly ViewEntry[]> {
    const { history, moment } = this.#parts;
    const id = this.#nodes.get(directory);
    if (id === undefined) throw new TypeError('an entry of another tree');
    const children = atOneMoment(history.database, () => history.childrenAt(id, moment));
    for (let at = 0; at < children.length; at += BATCH_ENTRIES) {
      signal?.throwIfAborted();
      const entries: ViewEntry[] = [];
      for (const node of children.slice(at, at + BATCH_ENTRIES)) {
        const target = node.state.kind === 'symlink' ? await this.#parts.contents.targetOf(node.state) : undefined;
        entries.push(this.#entryOf(node, target));
      }
      yield entries;
    }
  }

  async *read(file: ViewEntry, path: ByteName, range?: RangeOptions): AsyncGenerator<Uint8Array> {
    const shown = showName(joinPath(this.#parts.path, path).replace(/\/$/, '') as ByteName);
    if (file.kind !== 'file') throw new NotAFileError(shown, file.kind);
    if (file.content === undefined)
      throw new NotKeptError(shown, file.digest === undefined ? 'it was never read' : 'the store has it no more');
    yield* this.#parts.contents.read(file.content, range);
  }

  #entryOf(node: PastNode, target: ByteName | undefined): ViewEntry {
    const { id, name, state } = node;
    const { kind, mode, uid, gid, mtime, size, digest } = state;
    const content = kind === 'file' ? this.#parts.contents.refOf(state) : undefined;
    const summary = kind === 'directory' ? this.#parts.sumsOf?.(id) : undefined;
    const entry: ViewEntry = {
      ...{ name, kind, mode: kind === 'symlink' ? 0o777 : mode, owner: this.#owners.of(uid, gid), mtime: timeOf(mtime), isPartial: true },
      ...(kind === 'file' && { size }),
      ...(content !== undefined && { content }),
      ...(kind === 'file' && state.links > 1 && { identity: identityOf(state) }),
      ...(kind === 'file' && digest !== undefined && { digest: digest as Digest }),
      ...(summary !== undefined && { summary }),
      ...(target !== undefined && { target }),
      ...(kind === 'directory' && this.#parts.history.isUnlisted(id) && { isUnlisted: true, isPassedOver: this.#isPassedOver(node) }),
    };
    this.#nodes.set(entry, id);
    return entry;
  }

  /** Whether it was not listed on purpose: as one of Varve's own, or as the top of a file system which is the kernel's own or to be reached in another place. */
  #isPassedOver({ id, parent, state }: PastNode): boolean {
    const { history, own, moment } = this.#parts;
    if (own?.has(folderIdentity({ dev: state.device, ino: state.inode })) === true) return true;
    const above = parent === NO_DIRECTORY ? undefined : history.stateAt(parent, moment);
    return above !== undefined && above.device !== state.device && !history.hasFailed(id);
  }
}

/** What links of one file have in common, and no others. */
function identityOf({ device, inode, born }: NodeState): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(inode, 0);
  // Devices are small numbers, and born is in ns.
  bytes.writeBigUInt64LE(BigInt.asUintN(64, born * 1_000_003n + BigInt(device)), 8);
  return bytes;
}

/** A time in ns as entries have it. */
export function timeOf(ns: bigint): Time {
  const nanoseconds = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: Number((ns - nanoseconds) / NS_PER_SECOND), nanoseconds: Number(nanoseconds) };
}
