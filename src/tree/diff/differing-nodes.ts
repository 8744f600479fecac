import type { BlockRef } from '../../block/types.ts';
import { digestKey, digestsEqual } from '../../hash/digest.ts';
import type { ChildNode, DirectoryNode, InteriorNode, LeafNode } from '../directory-node.ts';
import { checkChild, type DirectoryReader } from '../directory-reader.ts';
import type { Entry } from '../types.ts';
import { type EntryPair, pairEntries } from './pairs.ts';

/** Leaves fetched at once. */
const BATCH_NODES = 16;

/**
 * Joins the entries of two stored directories by name, leaving out nodes that both have: what lies in those is equal. So one changed file
 * among a million costs a few nodes. The pairs are those that differ, and some equal neighbours of theirs.
 */
export async function* pairDifferingEntries(
  before: { readonly reader: DirectoryReader; readonly ref: BlockRef },
  after: { readonly reader: DirectoryReader; readonly ref: BlockRef },
  signal?: AbortSignal,
): AsyncGenerator<EntryPair[]> {
  if (digestsEqual(before.ref.digest, after.ref.digest)) return;
  let a = await Frontier.at(before.reader, before.ref, signal);
  let b = await Frontier.at(after.reader, after.ref, signal);
  while (a.level > 1 || b.level > 1) {
    if (a.level >= b.level) {
      const lowerB = b.level === a.level ? b.below(a) : undefined;
      a = await a.below(b).load(signal);
      if (lowerB) b = await lowerB.load(signal);
    } else {
      b = await b.below(a).load(signal);
    }
  }
  yield* pairEntries(a.entries(b, signal), b.entries(a, signal));
}

/** The nodes of one level of a directory that may differ from the other directory. */
class Frontier {
  readonly level: number;
  readonly #reader: DirectoryReader;
  readonly #nodes: readonly DirectoryNode[];

  constructor(reader: DirectoryReader, level: number, nodes: readonly DirectoryNode[]) {
    this.#reader = reader;
    this.level = level;
    this.#nodes = nodes;
  }

  static async at(reader: DirectoryReader, ref: BlockRef, signal?: AbortSignal): Promise<Frontier> {
    const node = await reader.node(ref, signal);
    return new Frontier(reader, node.level, [node]);
  }

  /** What is one level down, without the nodes that the other side, when it is as high, has too. */
  below(other: Frontier): Lower {
    return new Lower(this.#reader, this.level - 1, this.#differing(other));
  }

  /** The entries; of leaves that the other side has too there are none. The level is 0 or 1. */
  async *entries(other: Frontier, signal?: AbortSignal): AsyncGenerator<readonly Entry[]> {
    if (this.level === 0) {
      for (const node of this.#nodes) yield (node as LeafNode).entries;
      return;
    }
    const children = this.#differing(other);
    for (let at = 0; at < children.length; at += BATCH_NODES) {
      for (const node of await loadChildren(this.#reader, children.slice(at, at + BATCH_NODES), 0, signal))
        yield (node as LeafNode).entries;
    }
  }

  #children(): ChildNode[] {
    return this.#nodes.flatMap((node) => (node as InteriorNode).children);
  }

  #differing(other: Frontier): ChildNode[] {
    if (other.level !== this.level) return this.#children();
    const shared = new Set(other.#children().map(({ ref }) => digestKey(ref.digest)));
    return this.#children().filter(({ ref }) => !shared.has(digestKey(ref.digest)));
  }
}

/** Nodes that are yet to be fetched. */
class Lower {
  readonly #reader: DirectoryReader;
  readonly #level: number;
  readonly #children: readonly ChildNode[];

  constructor(reader: DirectoryReader, level: number, children: readonly ChildNode[]) {
    this.#reader = reader;
    this.#level = level;
    this.#children = children;
  }

  async load(signal?: AbortSignal): Promise<Frontier> {
    return new Frontier(this.#reader, this.#level, await loadChildren(this.#reader, this.#children, this.#level, signal));
  }
}

async function loadChildren(
  reader: DirectoryReader,
  children: readonly ChildNode[],
  level: number,
  signal?: AbortSignal,
): Promise<DirectoryNode[]> {
  const nodes = await reader.nodes(
    children.map(({ ref }) => ref),
    signal,
  );
  for (const [i, node] of nodes.entries()) checkChild(node, children[i] as ChildNode, level);
  return nodes;
}
