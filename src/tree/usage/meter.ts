import type { BlockRef, Ref } from '../../block/types.ts';
import { PREFIX_BYTES } from '../../hash/multihash.ts';
import type { Digest } from '../../hash/types.ts';
import { DigestTable } from '../../store/digest-table.ts';
import type { ChildNode, DirectoryNode } from '../directory-node.ts';
import { checkChild } from '../directory-reader.ts';
import type { Entry } from '../types.ts';
import type { StoredTree } from '../view.ts';

/** As much of a hash as tells blocks apart in any store; the multihash prefix before it does not. */
const KEY_BYTES = 16;

/** Digests, some 40 bytes each. */
export class BlockSet {
  readonly #table = new DigestTable(KEY_BYTES);

  has(digest: Digest): boolean {
    return this.#table.has(digest, PREFIX_BYTES);
  }

  /** False when it was there already. */
  add(digest: Digest): boolean {
    return this.#table.add(digest, PREFIX_BYTES);
  }
}

export interface Tally {
  uniqueBytes: number;
  sharedBytes: number;
}

/**
 * Counts blocks of trees: as shared what is in `shared`, which is not looked into; all else as unique, where it is met first. Blocks met
 * are remembered in `met`, which may be the `shared` of a later meter.
 */
export class Meter {
  readonly #tree: StoredTree;
  readonly #shared: BlockSet;
  readonly #met: BlockSet;
  readonly #signal: AbortSignal | undefined;

  constructor(tree: StoredTree, shared: BlockSet, met: BlockSet, signal?: AbortSignal) {
    this.#tree = tree;
    this.#shared = shared;
    this.#met = met;
    this.#signal = signal;
  }

  /** Counts an entry with all that is below it. */
  async count(top: Entry, tally: Tally): Promise<void> {
    const nodes: { ref: BlockRef; bytes: number; load: () => Promise<DirectoryNode> }[] = [];
    const push = (entry: Entry) => {
      const ref = entry.content as BlockRef;
      nodes.push({ ref, bytes: entry.summary?.bytes ?? 0, load: () => this.#tree.directories.node(ref, this.#signal) });
    };
    if (top.kind === 'directory') push(top);
    else await this.#countContent(top, tally);
    for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
      this.#signal?.throwIfAborted();
      if (!this.#countBlock(next.ref, next.bytes, tally)) continue;
      const node = await next.load();
      if ('children' in node) {
        for (const child of node.children)
          nodes.push({ ref: child.ref, bytes: child.bytes, load: () => this.#loadChild(child, node.level - 1) });
      } else {
        for (const entry of node.entries) {
          if (entry.kind === 'directory') push(entry);
          else await this.#countContent(entry, tally);
        }
      }
    }
  }

  /** Counts what a directory holds itself, its nodes and the files in it; gives the directories in it. */
  async countOwn(directory: Entry, tally: Tally): Promise<Entry[]> {
    await this.#countNodes(directory.content as BlockRef, tally);
    const below: Entry[] = [];
    for await (const entries of this.#tree.entries(directory, undefined, this.#signal)) {
      for (const entry of entries) {
        if (entry.kind === 'directory') below.push(entry);
        else await this.#countContent(entry, tally);
      }
    }
    return below;
  }

  async #countNodes(top: BlockRef, tally: Tally): Promise<void> {
    const refs = [top];
    for (let ref = refs.pop(); ref !== undefined; ref = refs.pop()) {
      // What is shared of the content is counted file by file.
      if (!this.#countBlock(ref, 0, tally)) continue;
      const node = await this.#tree.directories.node(ref, this.#signal);
      if ('children' in node) refs.push(...node.children.map((child) => child.ref));
    }
  }

  async #countContent(entry: Entry, tally: Tally): Promise<void> {
    const refs: Ref[] = entry.content ? [entry.content] : [];
    for (let ref = refs.pop(); ref !== undefined; ref = refs.pop()) {
      if (ref.kind === 'slice') refs.push(ref.of);
      else if (ref.kind === 'block') this.#countBlock(ref, ref.size, tally);
      else if (ref.kind === 'tree') {
        if (this.#shared.has(ref.digest)) tally.sharedBytes += ref.size;
        else if (this.#met.add(ref.digest)) refs.push(...(await this.#tree.contents.children(ref, this.#signal)));
      }
    }
  }

  /** True for a block that is unique and met for the first time. */
  #countBlock(ref: BlockRef, bytesIfShared: number, tally: Tally): boolean {
    if (this.#shared.has(ref.digest)) {
      tally.sharedBytes += bytesIfShared;
      return false;
    }
    if (!this.#met.add(ref.digest)) return false;
    tally.uniqueBytes += ref.size;
    return true;
  }

  async #loadChild(child: ChildNode, level: number): Promise<DirectoryNode> {
    const node = await this.#tree.directories.node(child.ref, this.#signal);
    checkChild(node, child, level);
    return node;
  }
}
