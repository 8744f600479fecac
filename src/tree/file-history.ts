import type { ByteName } from '../base/names.ts';
import type { BlockRef } from '../block/types.ts';
import { digestsEqual } from '../hash/digest.ts';
import { attributesEqual, refsEqual } from './compare-entries.ts';
import { diffTrees } from './diff/diff.ts';
import type { Moved } from './diff/types.ts';
import type { Entry } from './types.ts';
import { joinPath, type StoredTree } from './view.ts';

/** A revision as its history needs it; `R` is whatever the caller knows it by. */
export interface HistoricTree<R> {
  readonly revision: R;
  readonly view: StoredTree;
}

/** What a revision did to a path. `path` is where it was after the revision; `from`, where before, when it moved. */
export interface HistoryEvent<R> {
  readonly kind: 'created' | 'modified' | 'attributes' | 'moved' | 'deleted';
  readonly revision: R;
  readonly path: ByteName;
  readonly from?: ByteName;
  readonly before?: Entry;
  readonly after?: Entry;
}

export interface HistoryOptions {
  /** Find where a path came from or went to, by comparing the trees of the two revisions; true when left out. */
  readonly moves?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The history of a path through the revisions of an archive, newest first; a moved file or directory is followed to where it was before.
 * Revisions in which nothing on the way to the path differs cost no reading at all, others a few blocks. A directory counts as modified
 * when anything in it changed.
 *
 * `trees` come newest first, and are taken one by one; views should share their readers (`StoredTree.at`).
 */
export async function* fileHistory<R>(
  trees: AsyncIterable<HistoricTree<R>> | Iterable<HistoricTree<R>>,
  path: ByteName,
  options: HistoryOptions = {},
): AsyncGenerator<HistoryEvent<R>> {
  let later: { tree: HistoricTree<R>; trace: Trace } | undefined;
  let names = splitPath(path);
  for await (const tree of trees) {
    options.signal?.throwIfAborted();
    const trace = await follow(tree.view, names, later?.trace);
    if (later) {
      const event = await compare({ tree, trace }, later, options);
      if (event) yield event;
      if (event?.kind === 'moved' && event.from !== undefined && event.before) {
        names = splitPath(event.from);
        later = { tree, trace: await follow(tree.view, names, undefined) };
        continue;
      }
    }
    later = { tree, trace };
  }
  const after = later && endOf(later.trace);
  if (later && after) yield { kind: 'created', revision: later.tree.revision, path: joinNames(names), after };
}

/** The entries from the top to a path, as far as they are there: the last is that of the path when there is one more than names. */
interface Trace {
  readonly names: readonly ByteName[];
  readonly entries: readonly Entry[];
}

interface Traced<R> {
  readonly tree: HistoricTree<R>;
  readonly trace: Trace;
}

function endOf({ names, entries }: Trace): Entry | undefined {
  return entries[names.length];
}

/** Follows a path downwards. Below a directory that is as in `known`, so is everything. */
async function follow(view: StoredTree, names: readonly ByteName[], known: Trace | undefined): Promise<Trace> {
  const entries: Entry[] = [view.root];
  for (const name of names) {
    const directory = entries.at(-1) as Entry;
    if (directory.kind !== 'directory') break;
    const content = directory.content as BlockRef;
    const other = known?.entries[entries.length - 1];
    if (known && other?.kind === 'directory' && digestsEqual((other.content as BlockRef).digest, content.digest)) {
      return { names, entries: [...entries, ...known.entries.slice(entries.length)] };
    }
    const entry = await view.directories.lookup(content, name);
    if (entry === undefined) break;
    entries.push(entry);
  }
  return { names, entries };
}

async function compare<R>(earlier: Traced<R>, later: Traced<R>, options: HistoryOptions): Promise<HistoryEvent<R> | undefined> {
  const before = endOf(earlier.trace);
  const after = endOf(later.trace);
  const { revision } = later.tree;
  const path = joinNames(later.trace.names);
  if (before === after) return undefined;
  if (before && after) {
    const change = changeBetween(before, after);
    return change && { kind: change, revision, path, before, after };
  }
  const move = options.moves === false ? undefined : await findMove(earlier, later, path, after !== undefined, options.signal);
  if (after)
    return move
      ? { kind: 'moved', revision, path, from: move.from, before: move.before, after }
      : { kind: 'created', revision, path, after };
  return move
    ? { kind: 'moved', revision, path: move.path, from: path, after: move.after }
    : { kind: 'deleted', revision, path, before: before as Entry };
}

function changeBetween(before: Entry, after: Entry): 'modified' | 'attributes' | undefined {
  if (before.kind !== after.kind) return 'modified';
  if (before.content && after.content && !refsEqual(before.content, after.content)) return 'modified';
  return attributesEqual(before, after) ? undefined : 'attributes';
}

interface FoundMove {
  readonly from: ByteName;
  readonly path: ByteName;
  readonly before: Entry;
  readonly after: Entry;
}

/**
 * The move that brought a path to where it is (`arrived`), or took it from where it was; the path itself, or a directory that it is in, may
 * have moved.
 */
async function findMove<R>(
  earlier: Traced<R>,
  later: Traced<R>,
  path: ByteName,
  arrived: boolean,
  signal?: AbortSignal,
): Promise<FoundMove | undefined> {
  const changes = await diffTrees(earlier.tree.view, later.tree.view, signal ? { signal } : {});
  const end = (move: Moved) => (arrived ? move.path : move.from);
  const moves = changes.filter(
    (change): change is Moved => change.kind === 'moved' && (path === end(change) || path.startsWith(`${end(change)}/`)),
  );
  const nearest = moves.sort((a, b) => end(b).length - end(a).length)[0];
  if (!nearest) return undefined;
  const rest = path.slice(end(nearest).length);
  const from = (nearest.from + rest) as ByteName;
  const to = (nearest.path + rest) as ByteName;
  const before = endOf(await follow(earlier.tree.view, splitPath(from), undefined));
  const after = endOf(await follow(later.tree.view, splitPath(to), undefined));
  // Below a directory that moved, the path may have been created or deleted on the way.
  return before && after ? { from, path: to, before, after } : undefined;
}

function splitPath(path: ByteName): ByteName[] {
  return path === '' ? [] : (path.split('/') as ByteName[]);
}

function joinNames(names: readonly ByteName[]): ByteName {
  return names.reduce(joinPath, '' as ByteName);
}
