import { FormatError } from '../base/errors.ts';
import { firstIndex } from '../base/first-index.ts';
import { type ByteName, showName } from '../base/names.ts';
import type { BlockRef, BlockSource } from '../block/types.ts';
import { digestKey, digestToText } from '../hash/digest.ts';
import { type ChildNode, type DirectoryNode, decodeDirectoryNode, type InteriorNode, type LeafNode } from './directory-node.ts';
import { MAX_NODE_LEVEL } from './limits.ts';
import type { Entry } from './types.ts';

/** Decoded nodes are kept up to this sum of encoded sizes; decoded they take some five times as much. */
const DEFAULT_CACHE_BYTES = 8 << 20;
/** Leaves fetched in one batch while a directory is listed: some 100 entries each. */
const READ_AHEAD_NODES = 16;

/**
 * Reads directories (T4). Every node is held against the node above it, so that names come out safe, in order and each once, whoever wrote
 * the blocks. Throws FormatError where they are not, and the source's errors. Entries are shared with a cache: do not change them.
 */
export class DirectoryReader {
  readonly source: BlockSource;
  readonly #maxBytes: number;
  readonly #nodes = new Map<string, { readonly node: DirectoryNode; readonly size: number }>();
  #bytes = 0;
  readonly #onTheirWay = new Map<string, Promise<DirectoryNode>>();

  constructor(source: BlockSource, cacheBytes = DEFAULT_CACHE_BYTES) {
    this.source = source;
    this.#maxBytes = cacheBytes;
  }

  /** The entry of that name, in O(log n) blocks; undefined when there is none. */
  async lookup(directory: BlockRef, name: ByteName, signal?: AbortSignal): Promise<Entry | undefined> {
    let node = await this.node(directory, signal);
    while (node.level > 0) {
      const child = (node as InteriorNode).children.find(({ lastName }) => name <= lastName);
      if (child === undefined) return undefined;
      node = (await this.#below(node.level, [child], signal))[0] as DirectoryNode;
    }
    const { entries } = node as LeafNode;
    const at = firstNotBefore(entries, name);
    return entries[at]?.name === name ? entries[at] : undefined;
  }

  /**
   * All entries in order of the bytes of their names, from the first name not before `start`, in batches: one a leaf. Reads ahead a few
   * leaves.
   */
  async *entries(
    directory: BlockRef,
    options: { readonly start?: ByteName; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<readonly Entry[]> {
    const { start = '' as ByteName, signal } = options;
    const top = await this.node(directory, signal);
    for await (const { entries } of this.#leaves(top, start, signal)) {
      const first = start === '' ? 0 : firstNotBefore(entries, start);
      if (first < entries.length) yield first === 0 ? entries : entries.slice(first);
    }
  }

  /** A node by its ref. */
  async node(ref: BlockRef, signal?: AbortSignal): Promise<DirectoryNode> {
    return (await this.nodes([ref], signal))[0] as DirectoryNode;
  }

  /** Nodes by their refs, in order; those neither in the cache nor on their way are fetched in one batch. */
  async nodes(refs: readonly BlockRef[], signal?: AbortSignal): Promise<DirectoryNode[]> {
    const keys = refs.map((ref) => digestKey(ref.digest));
    const found = keys.map((key) => this.#use(key) ?? this.#onTheirWay.get(key));
    const absent = refs.flatMap((ref, i) => (found[i] === undefined ? { ref, i, key: keys[i] as string } : []));
    if (absent.length === 0) return Promise.all(found as (DirectoryNode | Promise<DirectoryNode>)[]);
    const blocks = this.source.getBatch(
      absent.map(({ ref }) => ref.digest),
      signal,
    );
    for (const [next, { ref, i, key }] of absent.entries()) {
      const node = blocks.then((all) => this.#decode(ref, key, all[next] as Uint8Array));
      found[i] = node;
      // What one caller may abort, no other may wait for.
      if (signal === undefined) this.#shareUntilDone(key, node);
    }
    return Promise.all(found as (DirectoryNode | Promise<DirectoryNode>)[]);
  }

  /** The nodes below a node of that level, held against what it says of them. */
  async #below(level: number, children: readonly ChildNode[], signal?: AbortSignal): Promise<DirectoryNode[]> {
    const nodes = await this.nodes(
      children.map(({ ref }) => ref),
      signal,
    );
    for (const [i, node] of nodes.entries()) checkChild(node, children[i] as ChildNode, level - 1);
    return nodes;
  }

  async *#leaves(node: DirectoryNode, start: ByteName, signal: AbortSignal | undefined, after = '' as ByteName): AsyncGenerator<LeafNode> {
    if ('entries' in node) {
      const first = node.entries[0];
      if (first && first.name <= after) throw new FormatError('directory node', `name "${showName(first.name)}" out of order`);
      yield node;
      return;
    }
    let before = after;
    const wanted = node.children.filter(({ lastName }) => lastName >= start);
    const skipped = node.children.length - wanted.length;
    if (skipped > 0) before = (node.children[skipped - 1] as ChildNode).lastName;
    let next = this.#ahead(node.level, wanted, 0, signal);
    for (let at = 0; at < wanted.length; at += READ_AHEAD_NODES) {
      const nodes = await next;
      next = this.#ahead(node.level, wanted, at + READ_AHEAD_NODES, signal);
      for (const [i, child] of nodes.entries()) {
        yield* this.#leaves(child, start, signal, before);
        before = (wanted[at + i] as ChildNode).lastName;
      }
    }
  }

  #ahead(level: number, children: readonly ChildNode[], at: number, signal: AbortSignal | undefined): Promise<DirectoryNode[]> {
    const nodes = at < children.length ? this.#below(level, children.slice(at, at + READ_AHEAD_NODES), signal) : Promise.resolve([]);
    // Its failure is thrown when it is awaited; a listing that is abandoned before has no use for it.
    nodes.catch(() => {});
    return nodes;
  }

  #shareUntilDone(key: string, node: Promise<DirectoryNode>): void {
    const done = () => void this.#onTheirWay.delete(key);
    this.#onTheirWay.set(key, node);
    node.then(done, done);
  }

  #use(key: string): DirectoryNode | undefined {
    const found = this.#nodes.get(key);
    if (found === undefined) return undefined;
    this.#nodes.delete(key);
    this.#nodes.set(key, found);
    return found.node;
  }

  #decode(ref: BlockRef, key: string, block: Uint8Array): DirectoryNode {
    if (block.length !== ref.size) {
      throw new FormatError('directory node', `${digestToText(ref.digest)} has ${block.length} bytes, expected ${ref.size}`);
    }
    const node = decodeDirectoryNode(block);
    if (this.#nodes.has(key)) return node;
    this.#nodes.set(key, { node, size: block.length });
    this.#bytes += block.length;
    for (const [oldest, { size }] of this.#nodes) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#nodes.delete(oldest);
      this.#bytes -= size;
    }
    return node;
  }
}

/** Each step down lowers the level by one, so no directory is deeper than its top says. */
export function checkChild(node: DirectoryNode, child: ChildNode, level: number): void {
  const fail = (problem: string) => {
    throw new FormatError('directory node', `${digestToText(child.ref.digest)} ${problem}`);
  };
  if (node.level !== level || level > MAX_NODE_LEVEL) fail(`has level ${node.level}, expected ${level}`);
  const lastName = 'entries' in node ? node.entries.at(-1)?.name : node.children.at(-1)?.lastName;
  if (lastName !== child.lastName) fail('ends with another name than the node above says');
}

/** The index of the first entry whose name is not before `name`. */
function firstNotBefore(entries: readonly Entry[], name: ByteName): number {
  return firstIndex(entries.length, (at) => (entries[at] as Entry).name >= name);
}
