import type { ByteName } from '../../base/names.ts';
import type { BlockRef, EmitBlock } from '../../block/types.ts';
import type { ChildNode, DirectoryNode, InteriorNode, LeafNode } from '../directory-node.ts';
import { checkChild, type DirectoryReader } from '../directory-reader.ts';
import { DirectoryWriter, type WrittenDirectory } from '../directory-writer.ts';
import type { Entry, Owner } from '../types.ts';

/** An entry as a directory takes it in: `encodeEntry` of all but name and owner, and what it adds to the summary (see DirectoryWriter.addEncoded). */
export interface EncodedEntry {
  readonly encoded: Uint8Array;
  readonly owner: Owner;
  readonly files: number;
  readonly bytes: number;
}

/** By name: what stands there from now on; undefined: nothing. To remove what is not there changes nothing. */
export type DirectoryEdits = ReadonlyMap<ByteName, EncodedEntry | undefined>;

/** Whether an entry stays as it is although an edit has another one for its name. It is asked once of each of those. */
export type StaysAsItIs = (entry: Entry) => boolean;

/** Without `stays` none does. */
interface EditOptions {
  readonly stays?: StaysAsItIs | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a directory that differs from `base` (undefined: an empty one) by `edits` (T4). Read are the nodes on the way to names that are edited, written those that differ, and everything else is
 * taken over node by node; so the cost follows the edits. Of a base that DirectoryWriter wrote, what comes out is what that would make of the edited entries, to the byte.
 *
 * Rejects with FormatError, or the error of the reader's source.
 */
export async function editDirectory(
  reader: DirectoryReader,
  base: BlockRef | undefined,
  edits: DirectoryEdits,
  emit: EmitBlock,
  options: EditOptions = {},
): Promise<WrittenDirectory> {
  const top: DirectoryNode = base === undefined ? { level: 0, entries: [] } : await reader.node(base, options.signal);
  const editing = new Editing(reader, edits, new DirectoryWriter(emit, top.salt), options);
  await editing.rewrite(top, undefined);
  return editing.writer.finish();
}

/** Goes through the base once, in order, beside the sorted names of the edits. */
class Editing {
  readonly writer: DirectoryWriter;
  readonly #reader: DirectoryReader;
  readonly #edits: DirectoryEdits;
  readonly #names: readonly ByteName[];
  readonly #stays: StaysAsItIs | undefined;
  readonly #signal: AbortSignal | undefined;
  /** Of `#names`, the first that is not written yet. */
  #next = 0;

  constructor(reader: DirectoryReader, edits: DirectoryEdits, writer: DirectoryWriter, { stays, signal }: EditOptions) {
    this.#reader = reader;
    this.#edits = edits;
    this.#names = [...edits.keys()].sort();
    this.writer = writer;
    this.#stays = stays;
    this.#signal = signal;
  }

  /** Writes what a node comes to: its names, and those of edits up to `end`; undefined for the last node of its level, which takes all that is left. */
  async rewrite(node: DirectoryNode, end: ByteName | undefined): Promise<void> {
    if ('entries' in node) return this.#merge(node, end);
    const last = node.children.length - 1;
    for (const [i, child] of node.children.entries()) {
      const childEnd = i === last ? end : child.lastName;
      if (this.#isTakenOver(node.level - 1, childEnd)) this.writer.addNode(node.level - 1, child);
      else await this.rewrite(await this.#below(node, child), childEnd);
    }
  }

  /** An interior node at the end of its directory has ended with that, and not by its names; so it is written anew. */
  #isTakenOver(level: number, end: ByteName | undefined): boolean {
    if (end === undefined && level > 0) return false;
    return this.#nextUpTo(end) === undefined && this.writer.isBetweenNodes(level);
  }

  async #below(node: InteriorNode, child: ChildNode): Promise<DirectoryNode> {
    const found = await this.#reader.node(child.ref, this.#signal);
    checkChild(found, child, node.level - 1);
    return found;
  }

  #merge({ entries }: LeafNode, end: ByteName | undefined): void {
    for (const entry of entries) if (!this.#writeEdits(entry.name, entry)) this.writer.add(entry);
    this.#writeEdits(end);
  }

  /** Writes the edits up to `end`; true when the last of them is of that very name, and takes the place of what stands there. */
  #writeEdits(end: ByteName | undefined, standing?: Entry): boolean {
    let written: ByteName | undefined;
    for (let name = this.#nextUpTo(end); name !== undefined; name = this.#nextUpTo(end)) {
      const entry = this.#edits.get(name);
      if (entry !== undefined && name === standing?.name && this.#stays?.(standing)) {
        this.#next++;
        return false;
      }
      if (entry !== undefined) this.writer.addEncoded(name, entry.encoded, entry.owner, entry.files, entry.bytes);
      this.#next++;
      written = name;
    }
    return written !== undefined && written === end;
  }

  #nextUpTo(end: ByteName | undefined): ByteName | undefined {
    const name = this.#names[this.#next];
    return name === undefined || (end !== undefined && name > end) ? undefined : name;
  }
}
