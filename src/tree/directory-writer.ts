import { CborWriter } from '../base/cbor-writer.ts';
import { FormatError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import type { BlockRef, EmitBlock } from '../block/types.ts';
import { type ChildNode, writeInteriorNode, writeNodeHead } from './directory-node.ts';
import { writeEntry } from './entry-encoder.ts';
import { hashName, nameProblem } from './entry-names.ts';
import { LEAF_BYTES, MAX_NODE_ITEMS, MIN_NODE_ITEMS, NAME_BOUNDARY_BITS } from './limits.ts';
import { OwnerTable } from './owner-table.ts';
import type { Entry, Owner } from './types.ts';

const BOUNDARY_MASK = (1 << NAME_BOUNDARY_BITS) - 1;

/** A directory as its own entry names it. */
export interface WrittenDirectory {
  readonly content: BlockRef;
  readonly summary: { readonly files: number; readonly bytes: number };
}

/**
 * Encodes directories, one after another (T4): entries come in, nodes go out.
 *
 * A node ends behind a name whose hash says so. Hence equal directories are equal blocks, whoever writes them; content and metadata never
 * move a boundary; and a name that comes or goes moves those next to it only. Everything is synchronous; a node is emitted as soon as it is
 * complete, in a buffer of its own.
 */
export class DirectoryWriter {
  readonly #emit: EmitBlock;
  readonly #salt: Uint8Array | undefined;
  /** The entries of the leaf in hand, and what stands beside them in it. */
  readonly #leaf = new CborWriter();
  readonly #owners = new OwnerTable();
  #ownerByEntry: number[] = [];
  #files = 0;
  #bytes = 0;
  #lastName = '' as ByteName;
  /** Nodes that wait for the end of the node above them; level 0 is unused. */
  #levels: ChildNode[][] = [];
  readonly #node = new CborWriter();

  /** With a salt, digests do not reveal what a directory holds (T5); the same salt must be given to get the same digests. */
  constructor(emit: EmitBlock, salt?: Uint8Array) {
    this.#emit = emit;
    this.#salt = salt;
  }

  /** Adds an entry; see `addEncoded`. */
  add(entry: Entry): void {
    const { files, bytes } = countOf(entry);
    this.#begin(entry.name);
    writeEntry(this.#leaf, entry);
    this.#end(entry.name, entry.owner, files, bytes);
  }

  /**
   * Adds an entry that `encodeEntry` encoded; `encoded` is copied. Names must come in ascending order of their bytes. `files` and `bytes`
   * are what it adds to the summary: a file 1 and its size, another non-directory 1 and 0, a directory its own summary. Equal owners should
   * be one object: that is quicker. Throws FormatError for a name that is unsafe or out of order.
   */
  addEncoded(name: ByteName, encoded: Uint8Array, owner: Owner, files: number, bytes: number): void {
    this.#begin(name);
    this.#leaf.raw(encoded);
    this.#end(name, owner, files, bytes);
  }

  /** Whether a node of that level would begin with the next entry: then `addNode` may stand for all entries of one. */
  isBetweenNodes(level: number): boolean {
    return this.#ownerByEntry.length === 0 && this.#levels.slice(1, level + 1).every((waiting) => waiting.length === 0);
  }

  /**
   * Adds all that is in a node of another directory, which is emitted already, where `isBetweenNodes` says so. The node must end by its own
   * names (or, being a leaf, with its directory) and have been written with this salt: then what comes out is as if its entries had been added. Throws FormatError for
   * names out of order.
   */
  addNode(level: number, node: ChildNode): void {
    if (!this.isBetweenNodes(level)) throw new TypeError('a node in the middle of another');
    if (node.lastName <= this.#lastName) throw new FormatError('directory', `name "${showName(node.lastName)}" out of order`);
    this.#lastName = node.lastName;
    this.#push(level + 1, node);
  }

  /** Ends the directory; the writer is empty again, ready for the next. */
  finish(): WrittenDirectory {
    if (this.#ownerByEntry.length > 0 || this.#levels.length === 0) this.#closeLeaf();
    this.#lastName = '' as ByteName;
    for (let level = 1; ; level++) {
      const children = this.#levels[level] as ChildNode[];
      const isTop = level + 1 >= this.#levels.length;
      const top = children[0];
      if (isTop && children.length === 1 && top) {
        this.#levels = [];
        return { content: top.ref, summary: { files: top.files, bytes: top.bytes } };
      }
      if (children.length > 0) this.#closeInterior(level);
    }
  }

  #begin(name: ByteName): void {
    const problem = nameProblem(name) ?? (name <= this.#lastName ? `name "${showName(name)}" out of order` : undefined);
    if (problem !== undefined) throw new FormatError('directory', problem);
    this.#leaf.byteName(name);
  }

  #end(name: ByteName, owner: Owner, files: number, bytes: number): void {
    this.#ownerByEntry.push(this.#owners.add(owner));
    this.#files += files;
    this.#bytes += bytes;
    this.#lastName = name;
    if (endsNode(name, 0, this.#ownerByEntry.length) || this.#leaf.length >= LEAF_BYTES) this.#closeLeaf();
  }

  /** Emits `["dir", 1, 0, owners, owner of each entry, [name, entry, …], salt?]`. */
  #closeLeaf(): void {
    const node = this.#node;
    const entries = this.#ownerByEntry.length;
    node.clear();
    writeNodeHead(node, 0, 3, this.#salt);
    this.#owners.write(node, this.#ownerByEntry);
    node.array(2 * entries);
    node.raw(this.#leaf.view());
    if (this.#salt) node.bytes(this.#salt);
    const child = { lastName: this.#lastName, ref: this.#emitNode(), entries, files: this.#files, bytes: this.#bytes };
    this.#leaf.clear();
    this.#owners.clear();
    this.#ownerByEntry = [];
    this.#files = 0;
    this.#bytes = 0;
    this.#push(1, child);
  }

  #closeInterior(level: number): void {
    const children = this.#levels[level] as ChildNode[];
    this.#levels[level] = [];
    this.#node.clear();
    writeInteriorNode(this.#node, level, children, this.#salt);
    const ref = this.#emitNode();
    const { lastName } = children[children.length - 1] as ChildNode;
    const sum = (field: 'entries' | 'files' | 'bytes') => children.reduce((total, child) => total + child[field], 0);
    this.#push(level + 1, { lastName, ref, entries: sum('entries'), files: sum('files'), bytes: sum('bytes') });
  }

  #push(level: number, child: ChildNode): void {
    while (this.#levels.length <= level) this.#levels.push([]);
    const children = this.#levels[level] as ChildNode[];
    children.push(child);
    if (endsNode(child.lastName, level, children.length)) this.#closeInterior(level);
  }

  #emitNode(): BlockRef {
    const block = this.#node.copy();
    return { kind: 'block', digest: this.#emit(block), size: block.length };
  }
}

function endsNode(lastName: ByteName, level: number, items: number): boolean {
  if (items <= MIN_NODE_ITEMS) return false;
  return items >= MAX_NODE_ITEMS || (hashName(lastName, level) & BOUNDARY_MASK) === 0;
}

/** What an entry adds to the summary of the directory it is in. */
export function countOf(entry: Pick<Entry, 'kind' | 'content' | 'summary'>): { files: number; bytes: number } {
  if (entry.summary !== undefined) return entry.summary;
  return { files: 1, bytes: entry.kind === 'file' ? (entry.content?.size ?? 0) : 0 };
}
