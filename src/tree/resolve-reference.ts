import fs from 'node:fs';
import path from 'node:path';
import { UsageError, VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { nearestNames } from '../base/nearest.ts';
import type { BlockRef } from '../block/types.ts';
import { digestFromText, digestToText } from '../hash/digest.ts';
import { toDigest } from '../hash/multihash.ts';
import { hashByName } from '../hash/registry.ts';
import type { Digest } from '../hash/types.ts';
import { ArchiveFile } from '../store/archive-file.ts';
import { Datadir } from '../store/datadir/datadir.ts';
import type { Store } from '../store/types.ts';
import { Archive } from './archive.ts';
import { DirectoryReader } from './directory-reader.ts';
import { type ArchiveTarget, parseReference, type Reference, type TreeTarget } from './reference.ts';
import type { DamagedLine, LoggedRevision } from './revision-line.ts';
import { decodeRoot } from './root-block.ts';
import { NoRevisionError, selectRevision } from './select-revision.ts';
import type { Entry } from './types.ts';

/** What a reference needs from its surroundings. */
export interface ReferenceContext {
  /** The store of that name or specification; the default one without. */
  openStore(store: string | undefined): Promise<Store>;
  /** What `yesterday` is relative to; the present when left out. */
  readonly now?: Date;
  /** Told of the lines of an archive that cannot be read: one of them may be what was meant. */
  readonly onDamagedLines?: (archive: string, damaged: readonly DamagedLine[]) => void;
}

/** What a reference names. */
export interface ResolvedReference {
  readonly reference: Reference;
  readonly store: Store;
  /** Absent for a bare tree digest. */
  readonly archive?: Archive;
  readonly revision?: LoggedRevision;
  readonly tree: Digest;
  readonly root: Entry;
  /** The names from the top to `entry`, which is `root` when there are none. */
  readonly path: readonly ByteName[];
  readonly entry: Entry;
}

/** Nothing has the name that a reference gives. */
export class NotFoundError extends VarveError {
  constructor(what: string, near: readonly string[], advice: string) {
    super('NOT_FOUND', `there is no ${what}`, { advice: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : advice });
  }
}

/** The list of an archive's revisions is gone, although there were some. */
export class DamagedArchiveError extends VarveError {
  constructor(archive: string, problem: string) {
    super('DAMAGED_ARCHIVE', `archive ${archive} is damaged: ${problem}`, {
      advice: 'Put it back from a copy of the store, or give it up with: varve archives --repair',
    });
  }
}

/** Looks up a reference (T8). Throws UsageError for what cannot be read, NotFoundError, NoRevisionError, and the store's errors. */
export async function resolveReference(text: string, context: ReferenceContext): Promise<ResolvedReference> {
  const reference = parseReference(text);
  const store = await context.openStore(reference.store);
  const named =
    reference.target.kind === 'tree'
      ? { tree: await findTree(store, reference.target) }
      : await findRevision(store, reference.target, context);
  const root = decodeRoot(await store.get(named.tree));
  const entry = await findEntry(new DirectoryReader(store), root, reference.path);
  return { reference, store, ...named, root, path: reference.path, entry };
}

/** The archive that a reference names, for commands that take archives. Throws NotFoundError when it does not exist. */
export async function findArchive(store: Store, target: ArchiveTarget): Promise<Archive> {
  if (target.kind === 'file') {
    if (!fs.existsSync(target.name)) throw new NotFoundError(`file ${target.name}`, [], 'An archive as a file ends in .varve.');
    return new Archive(new ArchiveFile(path.basename(target.name, '.varve'), target.name, { tip: false }));
  }
  const names = await store.archives();
  if (names.includes(target.name)) return new Archive(store.archive(target.name));
  if (store instanceof Datadir && (await store.archiveNames()).includes(target.name)) {
    throw new DamagedArchiveError(target.name, `its file ${store.archive(target.name).path} is gone`);
  }
  const advice =
    names.length === 0
      ? 'Nothing was saved here yet: varve save DIR'
      : `There are: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}.`;
  throw new NotFoundError(`archive ${JSON.stringify(target.name)} in ${store.name}`, nearestNames(target.name, names), advice);
}

/** The entry at `path` below `root`. Throws NotFoundError; symlinks inside the tree are not followed. */
export async function findEntry(reader: DirectoryReader, root: Entry, path: readonly ByteName[]): Promise<Entry> {
  let entry = root;
  for (const [i, name] of path.entries()) {
    const above = showPath(path.slice(0, i));
    if (entry.kind !== 'directory')
      throw new NotFoundError(`${showPath(path)}: ${above} is a ${entry.kind}, not a folder`, [], adviceBelow(entry, above));
    const found = await reader.lookup(entry.content as BlockRef, name);
    if (found === undefined)
      throw new NotFoundError(
        showPath(path.slice(0, i + 1)),
        await nearbyNames(reader, entry, name),
        `List what there is with: varve ls REF:${above}`,
      );
    entry = found;
  }
  return entry;
}

/** What to do about a path that goes on below what is no directory. */
function adviceBelow({ kind }: Entry, path: string): string {
  if (kind === 'symlink') return 'Symbolic links are not followed inside a tree.';
  return kind === 'file' ? `Read it with: varve cat REF:${path}` : 'Only folders have something below them.';
}

/** A path inside a tree as people write it: `/a/b`. */
export function showPath(path: readonly ByteName[]): string {
  return `/${path.map(showName).join('/')}`;
}

const MOST_NAMES_COMPARED = 2000;

async function nearbyNames(reader: DirectoryReader, directory: Entry, name: ByteName): Promise<string[]> {
  const names: string[] = [];
  for await (const entries of reader.entries(directory.content as BlockRef)) {
    names.push(...entries.map((entry) => showName(entry.name)));
    if (names.length >= MOST_NAMES_COMPARED) break;
  }
  return nearestNames(showName(name), names);
}

async function findRevision(
  store: Store,
  target: ArchiveTarget,
  context: ReferenceContext,
): Promise<{ archive: Archive; revision: LoggedRevision; tree: Digest }> {
  const archive = await findArchive(store, target);
  const { revisions, damaged } = await archive.read();
  if (damaged.length > 0 && revisions.length === 0)
    throw new NoRevisionError(`no revision of archive ${archive.name} can be read`, 'Mend it with: varve archives --repair');
  if (damaged.length > 0) context.onDamagedLines?.(archive.name, damaged);
  const revision = await selectRevision(archive.name, revisions, target.when, context.now ?? new Date());
  return { archive, revision, tree: digestFromText(revision.tree) };
}

async function findTree(store: Store, { algorithm, hex }: TreeTarget): Promise<Digest> {
  const { code, hashBytes } = hashByName(algorithm);
  if (hex.length === hashBytes * 2) return digestFromText(`${algorithm}:${hex}`);
  const prefix = `${algorithm}:${hex}`;
  const saved = await savedTrees(store, prefix);
  const found =
    saved.length > 0 ? saved : await listedDigests(store, prefix, toDigest(code, Buffer.from(hex.padEnd(hashBytes * 2, '0'), 'hex')));
  const [first] = found;
  if (first === undefined) throw new NotFoundError(`block ${prefix}… in ${store.name}`, [], 'Trees are listed by: varve log ARCHIVE');
  if (found.length > 1)
    throw new UsageError(`more than one digest begins with ${prefix}`, `Give more digits: ${found.slice(0, 3).join(', ')}`);
  return digestFromText(first);
}

/** Trees of revisions come first: they are what people copy digests of, and listing a store may be slow. */
async function savedTrees(store: Store, prefix: string): Promise<string[]> {
  const trees = new Set<string>();
  for (const name of await store.archives()) {
    const { revisions } = await new Archive(store.archive(name)).read();
    for (const { tree } of revisions) if (tree.startsWith(prefix)) trees.add(tree);
  }
  return [...trees];
}

async function listedDigests(store: Store, prefix: string, start: Digest): Promise<string[]> {
  const found: string[] = [];
  for await (const digest of store.list({ start, limit: 4 })) {
    const text = digestToText(digest);
    if (text.startsWith(prefix)) found.push(text);
  }
  return found;
}
