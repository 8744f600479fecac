import { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { BlockBatch } from '../../block/block-batch.ts';
import type { BlockRef } from '../../block/types.ts';
import type { Digest } from '../../hash/types.ts';
import type { Store } from '../../store/types.ts';
import { DirectoryReader } from '../directory-reader.ts';
import { countOf, DirectoryWriter } from '../directory-writer.ts';
import { encodeEntry } from '../entry-encoder.ts';
import { decodeRoot, encodeRoot } from '../root-block.ts';
import type { Entry } from '../types.ts';
import { joinPath } from '../view.ts';
import { type EncodedEntry, editDirectory, type StaysAsItIs } from './edit-directory.ts';

/**
 * What is to be different: by the path of a directory (names joined by slashes, empty for the top) and a name in it, the entry that stands there from now on, or undefined for
 * none. Edits of a directory go on from what those above it have made of it. A directory's entry without `content` is an empty directory; one with the content that it had
 * changes its attributes alone.
 */
export type TreeEdits = ReadonlyMap<ByteName, ReadonlyMap<ByteName, NewEntry | undefined>>;

/** It gets its name from where it is put. */
export type NewEntry = Omit<Entry, 'name'>;

/** Something in a directory was to be changed, and there is no such directory. */
export class NotADirectoryError extends VarveError {
  constructor(path: string) {
    super('NOT_A_DIRECTORY', `/${path} is no directory of the tree that is to be changed`);
  }
}

export interface EditedTree {
  /** Digest of the root block. */
  readonly tree: Digest;
  readonly root: NewEntry;
}

/**
 * Makes another tree of one in a store, at a cost that follows the edits: directories without any are taken over whole, and of the others the nodes without. `base` is the
 * digest of a tree, or an entry to begin with as its root. Summaries come out right as far as those of `base` and of the entries given are.
 *
 * The blocks are in the store, but not flushed. Whoever means to keep the tree holds the store, with `base` pinned, from before this call until an archive
 * refers to the result; the content of entries has to be there already. `stays` is asked of entries that an edit names itself, not of directories on the way to one. Rejects with NotADirectoryError, FormatError (also for names that are unsafe),
 * and the store's errors; what was added until then is garbage.
 */
export async function editTree(
  store: Store,
  base: Digest | NewEntry,
  edits: TreeEdits,
  options: { readonly reader?: DirectoryReader; readonly stays?: StaysAsItIs; readonly signal?: AbortSignal } = {},
): Promise<EditedTree> {
  const { reader = new DirectoryReader(store), stays, signal } = options;
  const blocks = new BlockBatch(store, store.hash);
  const before = base instanceof Uint8Array ? decodeRoot(await store.get(base, signal)) : base;
  const root = await rewrite({ reader, blocks, stays, signal }, before, planOf(edits));
  const tree = blocks.emit(encodeRoot(root));
  await blocks.flush();
  return { tree, root };
}

/** A directory on the way to edits. */
interface Plan {
  readonly path: ByteName;
  edits: ReadonlyMap<ByteName, NewEntry | undefined>;
  readonly below: Map<ByteName, Plan>;
}

function planOf(edits: TreeEdits): Plan {
  const top = emptyPlan('' as ByteName);
  for (const [path, entries] of edits) {
    let plan = top;
    for (const name of path === '' ? [] : (path.split('/') as ByteName[])) {
      const next = plan.below.get(name) ?? emptyPlan(joinPath(plan.path, name));
      plan.below.set(name, next);
      plan = next;
    }
    plan.edits = entries;
  }
  return top;
}

function emptyPlan(path: ByteName): Plan {
  return { path, edits: new Map(), below: new Map() };
}

interface Work {
  readonly reader: DirectoryReader;
  readonly blocks: BlockBatch;
  readonly stays: StaysAsItIs | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The directory's entry with all edits made in and below it. */
async function rewrite(work: Work, directory: NewEntry, { path, edits, below }: Plan): Promise<NewEntry> {
  if (directory.kind !== 'directory') throw new NotADirectoryError(showName(path));
  const { reader, blocks, stays, signal } = work;
  const content = directory.content as BlockRef | undefined;
  const changes = new Map<ByteName, EncodedEntry | undefined>();
  for (const [name, entry] of edits) if (!below.has(name)) changes.set(name, entry && encode(entry, blocks));
  for (const [name, plan] of below) {
    const entry = edits.has(name) ? edits.get(name) : content && (await reader.lookup(content, name, signal));
    if (entry === undefined) throw new NotADirectoryError(showName(plan.path));
    changes.set(name, encode(await rewrite(work, entry, plan), blocks));
  }
  const staysHere = stays && ((entry: Entry) => !below.has(entry.name) && stays(entry));
  const written = await editDirectory(reader, content, changes, blocks.emit, { stays: staysHere, signal });
  if (blocks.full) await blocks.flush();
  return { ...directory, ...written };
}

function encode(entry: NewEntry, blocks: BlockBatch): EncodedEntry {
  const isEmpty = entry.kind === 'directory' && entry.content === undefined;
  const whole = isEmpty ? { ...entry, ...new DirectoryWriter(blocks.emit).finish() } : entry;
  return { encoded: encodeEntry(whole), owner: whole.owner, ...countOf(whole) };
}
