import type { ByteName } from '../../base/names.ts';
import type { BlockBatch } from '../../block/block-batch.ts';
import type { EmitBlock } from '../../block/types.ts';
import { DirectoryWriter, type WrittenDirectory } from '../directory-writer.ts';
import { type EncodedEntry, editDirectory } from '../edit/edit-directory.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { encodeCachedDirectory } from './cached-directory.ts';
import type { FileCacheWriter } from './file-cache.ts';
import type { PendingDirectory, SavedItem } from './pending-directory.ts';
import type { Tally } from './tally.ts';

/**
 * Puts directories together: takes entries in the order in which they become known, encodes a directory when its last entry is there,
 * and makes it an entry of its parent. Everything happens in one thread, and synchronously, but for directories that differ from a known one, whose nodes have to be read.
 */
export class Assembly {
  readonly #writer: DirectoryWriter;
  readonly #cache: FileCacheWriter | undefined;
  readonly #tally: Tally;
  readonly #onRoot: (root: PendingDirectory, written: WrittenDirectory) => void;
  readonly #emit: EmitBlock;
  readonly #include: (work: Promise<void>) => void;
  /** Whether any directory differs from what is cached. */
  changed = false;

  /** `include` is given the work that takes a while; whoever waits for the root waits for that. */
  constructor(parts: {
    readonly emit: EmitBlock;
    readonly cache: FileCacheWriter | undefined;
    readonly tally: Tally;
    readonly include: (work: Promise<void>) => void;
    readonly onRoot: (root: PendingDirectory, written: WrittenDirectory) => void;
  }) {
    this.#writer = new DirectoryWriter(parts.emit);
    this.#emit = parts.emit;
    this.#cache = parts.cache;
    this.#tally = parts.tally;
    this.#include = parts.include;
    this.#onRoot = parts.onRoot;
  }

  /** An entry is there; `fresh` when it is not just as it was cached. */
  add(directory: PendingDirectory, item: SavedItem, fresh: boolean): void {
    directory.items.push(item);
    if (fresh) directory.changed = true;
    this.arrived(directory);
  }

  /** An entry that was expected will not come: it has vanished, or failed and was reported. */
  skip(directory: PendingDirectory): void {
    directory.changed = true;
    this.arrived(directory);
  }

  /** The walk has left the directory, or one of its entries is settled. */
  arrived(directory: PendingDirectory): void {
    for (let complete: PendingDirectory | undefined = directory; complete?.arrived(); complete = this.#complete(complete)) {}
  }

  /** Encodes a directory; returns its parent, of which an entry has thereby arrived. */
  #complete(directory: PendingDirectory): PendingDirectory | undefined {
    if (directory.rest !== undefined) {
      this.#include(this.#edit(directory, directory.rest));
      return undefined;
    }
    const unchanged = directory.unchanged;
    const written = unchanged ?? this.#encode(directory);
    if (this.#cache !== undefined) {
      const record = unchanged === undefined ? encodeCachedDirectory(directory.name, written, directory.items) : directory.cached?.record;
      if (record !== undefined) this.#cache.add(directory.key, record);
    }
    return this.#written(directory, written, unchanged !== undefined);
  }

  /** Encodes one of which only some names were looked at; of those, what is not there any more has no item. */
  async #edit(directory: PendingDirectory, { of, names }: NonNullable<PendingDirectory['rest']>): Promise<void> {
    const edits = new Map<ByteName, EncodedEntry | undefined>(names.map((name) => [name, undefined]));
    for (const item of directory.items) edits.set(item.name, item);
    const parent = this.#written(directory, await editDirectory(of.reader, of.content, edits, this.#emit), false);
    if (parent !== undefined) this.arrived(parent);
  }

  #written(directory: PendingDirectory, written: WrittenDirectory, isUnchanged: boolean): PendingDirectory | undefined {
    this.#tally.directories++;
    const { parent, name, own } = directory;
    if (!isUnchanged) this.changed = true;
    if (parent === undefined) {
      this.#onRoot(directory, written);
      return undefined;
    }
    const encoded = encodeEntry({ ...own.body, content: written.content, summary: written.summary });
    if (!isUnchanged || !isCached(parent, directory, encoded)) parent.changed = true;
    const { owner, signature } = own;
    parent.items.push({ name, owner, signature, encoded, files: written.summary.files, bytes: written.summary.bytes, identity: undefined });
    return parent;
  }

  #encode(directory: PendingDirectory): WrittenDirectory {
    const items = directory.items.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, encoded, owner, files, bytes } of items) this.#writer.addEncoded(name, encoded, owner, files, bytes);
    return this.#writer.finish();
  }
}

/** Whether a directory's own entry is as its parent was stored with: its mode or its attributes may have changed though nothing in it did. */
function isCached(parent: PendingDirectory, { name, own: { signature } }: PendingDirectory, encoded: Uint8Array): boolean {
  const cached = parent.cached?.find(name, Buffer.from(signature.buffer, signature.byteOffset, signature.length));
  return cached !== undefined && Buffer.compare(cached.encoded, encoded) === 0;
}

/** Brings blocks to the store when enough have come together; a failure shows at the final flush. */
export function drain(batch: BlockBatch): void {
  if (batch.full) void batch.flush().catch(() => undefined);
}
