import { nameFromText } from '../../src/base/names.ts';
import { BlockBatch } from '../../src/block/block-batch.ts';
import { LITERAL_MAX_BYTES } from '../../src/block/limits.ts';
import { RefBuilder } from '../../src/block/ref-builder.ts';
import type { Ref } from '../../src/block/types.ts';
import { digestToText } from '../../src/hash/digest.ts';
import type { Digest } from '../../src/hash/types.ts';
import type { Store } from '../../src/store/types.ts';
import { Archive } from '../../src/tree/archive.ts';
import { DirectoryWriter } from '../../src/tree/directory-writer.ts';
import { encodeRoot } from '../../src/tree/root-block.ts';
import type { Entry, Revision } from '../../src/tree/types.ts';

/** A directory in a test: text or bytes are files, objects directories; anything else of an entry is given by `entry`. */
export interface Layout {
  readonly [name: string]: string | Uint8Array | Layout | Special;
}

class Special {
  readonly fields: Partial<Entry>;
  constructor(fields: Partial<Entry>) {
    this.fields = fields;
  }
}

/** An entry with these fields; what is left out is as for any other. */
export function special(fields: Partial<Entry>): Special {
  return new Special(fields);
}

const BLOCK_BYTES = 1024;
const owner = { uid: 0, gid: 0, user: 'root', group: 'root' };

/** Stores a tree, and gives its digest and the entry of its top. */
export async function storeTree(store: Store, layout: Layout): Promise<{ tree: Digest; root: Entry }> {
  const batch = new BlockBatch(store, store.hash);
  const root = encode('', layout, batch);
  const tree = batch.emit(encodeRoot(root));
  await batch.flush();
  await store.flush();
  return { tree, root };
}

/** Stores a tree as the next revision of an archive. */
export async function saveRevision(
  store: Store,
  archive: string,
  time: string,
  layout: Layout,
  more: Partial<Revision> = {},
): Promise<Digest> {
  const { tree, root } = await storeTree(store, layout);
  const summary = root.summary ?? { files: 1, bytes: 0 };
  await new Archive(store.archive(archive)).append({ time, tree: digestToText(tree), ...summary, host: 'here', user: 'me', ...more });
  return tree;
}

function encode(name: string, item: string | Uint8Array | Layout | Special, batch: BlockBatch): Entry {
  const base = { name: nameFromText(name), mode: 0o644, owner, mtime: { seconds: 1, nanoseconds: 0 } };
  if (item instanceof Special)
    return { ...base, kind: 'file', ...(!('kind' in item.fields) && { content: contentRef(Buffer.of(), batch) }), ...item.fields };
  if (typeof item === 'string') return { ...base, kind: 'file', content: contentRef(Buffer.from(item), batch) };
  if (item instanceof Uint8Array) return { ...base, kind: 'file', content: contentRef(item, batch) };
  const writer = new DirectoryWriter(batch.emit);
  const entries = Object.entries(item).map(([child, value]) => encode(child, value, batch));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) writer.add(entry);
  return { ...base, kind: 'directory', mode: 0o755, ...writer.finish() };
}

/** Blocks of a fixed size serve tests as well as any. */
export function contentRef(bytes: Uint8Array, batch: BlockBatch): Ref {
  if (bytes.length <= LITERAL_MAX_BYTES) return { kind: 'literal', bytes, size: bytes.length };
  const builder = new RefBuilder(batch.emit);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.slice(at, at + BLOCK_BYTES);
    builder.append({ kind: 'block', digest: batch.emit(block), size: block.length });
  }
  return builder.finish();
}
