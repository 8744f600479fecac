import os from 'node:os';
import type { ByteName } from '../../base/names.ts';
import { decodeRef, encodeRef } from '../../block/ref-codec.ts';
import type { Ref } from '../../block/types.ts';
import { digestFromText, digestToText } from '../../hash/digest.ts';
import { PREFIX_BYTES, toDigest } from '../../hash/multihash.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { Archive } from '../../tree/archive.ts';
import { DirectoryReader } from '../../tree/directory-reader.ts';
import { type EditedTree, editTree, type NewEntry, type TreeEdits } from '../../tree/edit/edit-tree.ts';
import type { LoggedRevision } from '../../tree/revision-line.ts';
import { decodeRoot } from '../../tree/root-block.ts';
import { currentOwner } from '../../tree/save/owners.ts';
import { lastRevision, supersede } from '../../tree/supersede.ts';
import type { Entry, Revision } from '../../tree/types.ts';
import { StoredTree } from '../../tree/view.ts';
import type { KeptContent } from './types.ts';

/** The archive that tells the collector which contents the catalogue relies on. */
const ARCHIVE = 'versions';

/**
 * Contents come in the order of their hashes, that is in none, so a large change makes all nodes anew and finds none of them here again: enough for the nodes above, and for the leaves of a small change.
 */
const NODE_CACHE_BYTES = 512 << 10;

/** Equal sets of contents are equal trees, so nothing in them says when. */
const WHENEVER = { seconds: 0, nanoseconds: 0 };

/**
 * The contents that the catalogue keeps, as a tree: directories `00` to `ff` by the first byte of the hash, in each of them a file for every content, named by its hash in
 * hexadecimal. Only the newest revision counts; it takes the place of the one before in a single step. A change costs what changed.
 *
 * One archive belongs to one catalogue: what one of two removed, the other would lose. Their changes do not get lost, though. Rejects with UnreadableRevisionError, FormatError,
 * or the store's errors; the archive then is as it was.
 */
export class KeptVersions {
  readonly #store: Store;
  readonly #archive: Archive;
  readonly #reader: DirectoryReader;

  constructor(store: Store) {
    this.#store = store;
    this.#archive = new Archive(store.archive(ARCHIVE));
    this.#reader = new DirectoryReader(store, NODE_CACHE_BYTES);
  }

  /**
   * Enters contents, whose blocks are durable and held by the caller; returns them with the refs that are entered. Those are protected when this resolves, and no others: a content that is in it already
   * stays as it is, since somebody relies on that ref. Equal contents may have different ones, by holes, by a file's name, and by what cut them.
   */
  async add(contents: readonly KeptContent[]): Promise<readonly KeptContent[]> {
    if (contents.length === 0) return [];
    const owner = currentOwner();
    const standing = await this.#change(
      contents.map(({ digest, ref }) => [digest, { kind: 'file', mode: 0o600, owner, mtime: WHENEVER, content: decodeRef(ref) }]),
    );
    // Of two that are equal here the later one counts, as it does among the edits.
    const entered = new Map(contents.map(({ digest, ref }) => [nameOf(digest), ref]));
    for (const { name, content } of standing) entered.set(name, encodeRef(content as Ref));
    return contents.map(({ digest, size }) => ({ digest, size, ref: entered.get(nameOf(digest)) as Uint8Array }));
  }

  /** Takes contents out; those that are not in it are none. What nothing else refers to is left to the collector. */
  async remove(digests: readonly Digest[]): Promise<void> {
    if (digests.length === 0 || (await lastRevision(this.#archive)) === undefined) return;
    await this.#change(digests.map((digest) => [digest, undefined]));
  }

  /** All contents that are entered now, in batches of some hundred, in order. */
  async *contents(signal?: AbortSignal): AsyncGenerator<readonly KeptContent[]> {
    const last = await lastRevision(this.#archive);
    if (last === undefined) return;
    const tree = digestFromText(last.tree);
    const hold = await this.#store.hold([tree]);
    try {
      const top = new StoredTree(this.#store, decodeRoot(await this.#store.get(tree)));
      for await (const directories of top.entries(top.root, undefined, signal))
        for (const directory of directories)
          for await (const files of top.entries(directory, undefined, signal)) yield files.map((file) => this.#contentOf(file));
    } finally {
      await hold.release();
    }
  }

  #contentOf({ name, content }: Entry): KeptContent {
    const ref = content as Ref;
    return { digest: toDigest(this.#store.hash.code, Buffer.from(name, 'hex')), size: ref.size, ref: encodeRef(ref) };
  }

  /** Returns the entries that were to be made and stood there already. */
  async #change(changes: readonly (readonly [Digest, NewEntry | undefined])[]): Promise<readonly Entry[]> {
    const edits = editsOf(changes);
    for (;;) {
      const standing = await this.#tryChange(edits);
      if (standing !== undefined) return standing;
    }
  }

  /** Undefined when somebody else was quicker. */
  async #tryChange(edits: TreeEdits): Promise<readonly Entry[] | undefined> {
    const last = await lastRevision(this.#archive);
    const hold = await this.#store.hold(last === undefined ? [] : [digestFromText(last.tree)]);
    try {
      // The tree is pinned by now: what is gone, went before.
      if ((await lastRevision(this.#archive))?.line !== last?.line) return undefined;
      const standing: Entry[] = [];
      const { tree, root } = await this.#edit(last, edits, standing);
      if (digestToText(tree) === last?.tree) return standing;
      await this.#store.flush();
      return (await supersede(this.#store, this.#archive, last, revisionOf(tree, root))) ? standing : undefined;
    } finally {
      await hold.release();
    }
  }

  /** Adds to `standing` what stays as it is. */
  #edit(last: LoggedRevision | undefined, edits: TreeEdits, standing: Entry[]): Promise<EditedTree> {
    const stays = (entry: Entry) => standing.push(entry) > 0;
    if (last !== undefined) return editTree(this.#store, digestFromText(last.tree), edits, { reader: this.#reader, stays });
    const directory: NewEntry = { kind: 'directory', mode: 0o700, owner: currentOwner(), mtime: WHENEVER };
    const directories = new Map(Array.from({ length: 256 }, (_, byte) => [hex(Uint8Array.of(byte)), directory] as const));
    return editTree(this.#store, directory, new Map([...edits, ['' as ByteName, directories]]));
  }
}

function editsOf(changes: readonly (readonly [Digest, NewEntry | undefined])[]): TreeEdits {
  const edits = new Map<ByteName, Map<ByteName, NewEntry | undefined>>();
  for (const [digest, entry] of changes) {
    const name = nameOf(digest);
    const directory = name.slice(0, 2) as ByteName;
    const names = edits.get(directory) ?? new Map<ByteName, NewEntry | undefined>();
    edits.set(directory, names.set(name, entry));
  }
  return edits;
}

function revisionOf(tree: Digest, { summary }: NewEntry): Revision {
  const { files, bytes } = summary ?? { files: 0, bytes: 0 };
  const { username } = os.userInfo();
  return { time: new Date().toISOString(), tree: digestToText(tree), files, bytes, host: os.hostname(), user: username };
}

function nameOf(digest: Digest): ByteName {
  return hex(digest.subarray(PREFIX_BYTES));
}

function hex(bytes: Uint8Array): ByteName {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as ByteName;
}
