import { FormatError } from '../base/errors.ts';
import { digestKey, digestToText } from '../hash/digest.ts';
import { decodeIndirectBlock, type IndirectBlock } from './indirect-block.ts';
import type { BlockSource, TreeRef } from './types.ts';

/** About what a decoded child occupies: the ref, its digest, which is a view, and its end. */
const BYTES_PER_CHILD = 256;

/**
 * Decoded indirect blocks, least recently used out first. Once those of a file are here, any place in it is found without reading, by a
 * binary search a level; 32 MiB of them map some 8 GB of content at 64 KiB a block.
 */
export class IndirectCache {
  readonly #source: BlockSource;
  readonly #maxChildren: number;
  readonly #blocks = new Map<string, IndirectBlock>();
  #children = 0;

  constructor(source: BlockSource, maxBytes: number) {
    this.#source = source;
    this.#maxChildren = Math.floor(maxBytes / BYTES_PER_CHILD);
  }

  /** The decoded block if it is here; throws FormatError when it is not what the ref says. */
  find(ref: TreeRef): IndirectBlock | undefined {
    const key = digestKey(ref.digest);
    const block = this.#blocks.get(key);
    if (block === undefined) return undefined;
    // The digest may be one that was decoded for an honest ref, while this one lies.
    if (block.depth !== ref.depth || block.ends.at(-1) !== ref.size) {
      throw new FormatError('ref', `${digestToText(ref.digest)} has another size or depth than the ref says`);
    }
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  /**
   * The decoded blocks of these refs, in order; what is not here is fetched in one batch. Throws FormatError where a block is not what its
   * ref says.
   */
  async load(refs: readonly TreeRef[], signal?: AbortSignal): Promise<IndirectBlock[]> {
    const found = refs.map((ref) => this.find(ref));
    const absent = refs.filter((_, i) => found[i] === undefined);
    if (absent.length === 0) return found as IndirectBlock[];
    const blocks = await this.#source.getBatch(
      absent.map((ref) => ref.digest),
      signal,
    );
    let next = 0;
    return found.map((block, i) => block ?? this.#keep(refs[i] as TreeRef, blocks[next++] as Uint8Array));
  }

  #keep(ref: TreeRef, bytes: Uint8Array): IndirectBlock {
    const block = decodeIndirectBlock(ref, bytes);
    const key = digestKey(ref.digest);
    if (this.#blocks.has(key)) return block;
    this.#blocks.set(key, block);
    this.#children += block.children.length;
    for (const [oldest, { children }] of this.#blocks) {
      if (this.#children <= this.#maxChildren) break;
      this.#blocks.delete(oldest);
      this.#children -= children.length;
    }
    return block;
  }
}
