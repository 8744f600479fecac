import { decodeIndirectBlock } from '../block/indirect-block.ts';
import type { BlockSource, Ref, TreeRef } from '../block/types.ts';
import { PREFIX_BYTES } from '../hash/multihash.ts';
import type { Digest } from '../hash/types.ts';
import { DigestTable } from '../store/digest-table.ts';
import { decodeDirectoryNode } from './directory-node.ts';
import { decodeRoot } from './root-block.ts';

/** As many bytes of a hash as the index keeps: who can make two blocks that agree in these could make two that agree in all. */
export const MARK_KEY_BYTES = 20;
const FETCHED_AT_ONCE = 64;

/** A block that has to be read to learn what it refers to. */
type Inner =
  | { readonly kind: 'root' | 'node'; readonly digest: Digest }
  | { readonly kind: 'refs'; readonly digest: Digest; readonly ref: TreeRef };

/** Told of an inner block that cannot be read; what is below it stays unmarked. Without a listener the error is thrown. */
export type UnreadableListener = (digest: Digest, error: unknown) => void;

/**
 * Marks every block that trees need: root blocks, directory nodes, indirect blocks, content. What is marked already is not looked into again, so marking many
 * revisions costs about as much as one and their differences.
 */
export class Reachable {
  readonly #source: BlockSource;
  /** All marked blocks, by the first bytes of their bare hashes. */
  readonly marked = new DigestTable(MARK_KEY_BYTES);
  /** Those of them that refer to others. */
  readonly inner = new DigestTable(MARK_KEY_BYTES);

  constructor(source: BlockSource) {
    this.#source = source;
  }

  /** Marks the trees whose root blocks have these digests. */
  async mark(
    roots: Iterable<Digest>,
    options: { readonly onUnreadable?: UnreadableListener; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const unreadable: UnreadableListener = options.onUnreadable ?? rethrow;
    const pending: Inner[] = [];
    for (const digest of roots) this.#push(pending, { kind: 'root', digest });
    while (pending.length > 0) {
      options.signal?.throwIfAborted();
      const batch = pending.splice(-FETCHED_AT_ONCE);
      const blocks = await this.#fetch(batch, unreadable);
      for (const [i, inner] of batch.entries()) {
        const block = blocks[i];
        if (block === undefined) continue;
        try {
          this.#follow(inner, block, pending);
        } catch (error) {
          unreadable(inner.digest, error);
        }
      }
    }
  }

  has(digest: Digest): boolean {
    return this.marked.has(digest, PREFIX_BYTES);
  }

  #push(pending: Inner[], inner: Inner): void {
    if (!this.marked.add(inner.digest, PREFIX_BYTES)) return;
    this.inner.add(inner.digest, PREFIX_BYTES);
    pending.push(inner);
  }

  async #fetch(batch: readonly Inner[], unreadable: UnreadableListener): Promise<(Uint8Array | undefined)[]> {
    try {
      return await this.#source.getBatch(batch.map(({ digest }) => digest));
    } catch {
      // One of them: ask for each alone.
      return Promise.all(batch.map(({ digest }) => this.#source.get(digest).catch((error: unknown) => void unreadable(digest, error))));
    }
  }

  #follow(inner: Inner, block: Uint8Array, pending: Inner[]): void {
    if (inner.kind === 'refs') {
      for (const child of decodeIndirectBlock(inner.ref, block).children) this.#content(child, pending);
      return;
    }
    const entries = inner.kind === 'root' ? [decodeRoot(block)] : undefined;
    const node = entries === undefined ? decodeDirectoryNode(block) : { entries };
    if ('children' in node) {
      for (const { ref } of node.children) this.#push(pending, { kind: 'node', digest: ref.digest });
      return;
    }
    for (const { kind, content, previous } of node.entries) {
      if (previous !== undefined) this.#push(pending, { kind: 'root', digest: previous });
      if (content === undefined) continue;
      if (kind === 'directory' && content.kind === 'block') this.#push(pending, { kind: 'node', digest: content.digest });
      else this.#content(content, pending);
    }
  }

  #content(ref: Ref, pending: Inner[]): void {
    if (ref.kind === 'slice') this.#content(ref.of, pending);
    else if (ref.kind === 'block') this.marked.add(ref.digest, PREFIX_BYTES);
    else if (ref.kind === 'tree') this.#push(pending, { kind: 'refs', digest: ref.digest, ref });
  }
}

function rethrow(_digest: Digest, error: unknown): never {
  throw error;
}
