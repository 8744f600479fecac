import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import type { NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { nameOfBlob } from './fold.ts';

/** What lies below a folder, or of anything else what it is itself. Each name counts: a file of two links below counts twice. */
export interface FolderSums {
  /** Bytes of files. */
  readonly size: number;
  /** Everything but folders. */
  readonly files: number;
  readonly directories: number;
  /** In units of 512 bytes; undefined for the past, since allocation changes without an event. */
  readonly disk: number | undefined;
}

export interface FolderUsage extends FolderSums {
  readonly path: ByteName;
  /** 0 is the folder asked for. */
  readonly depth: number;
}

export interface Folder {
  readonly node: NodeId;
  readonly name: ByteName;
}

/** The folders of a tree with their sums, at one time. Its top may be a file. */
export interface SummedTree {
  sumsOf(node: NodeId): FolderSums;
  foldersIn(folder: NodeId): Folder[];
}

export const NO_SUMS: FolderSums = { size: 0, files: 0, directories: 0, disk: 0 };

/** The folders as they are now: one look for each that is shown. */
export class TreeNow implements SummedTree {
  readonly #sums: StatementSync;
  readonly #alone: StatementSync;
  readonly #folders: StatementSync;

  constructor(database: DatabaseSync) {
    this.#sums = database.prepare('SELECT CAST(size AS REAL) AS size, files, directories, disk FROM directory WHERE node = ?');
    this.#alone = database.prepare(`
      SELECT iif(kind = ${FILE_TYPE}, CAST(size AS REAL), 0) AS size, 1 AS files, 0 AS directories, disk FROM node
      WHERE id = ? AND kind <> ${DIRECTORY_TYPE}`);
    this.#folders = database.prepare(`SELECT id, name FROM node WHERE parent = ? AND kind = ${DIRECTORY_TYPE}`);
  }

  sumsOf(node: NodeId): FolderSums {
    return ((this.#sums.get(node) ?? this.#alone.get(node)) as FolderSums | undefined) ?? NO_SUMS;
  }
  foldersIn(folder: NodeId): Folder[] {
    return this.#folders.all(folder).map(({ id, name }) => ({ node: id as NodeId, name: nameOfBlob(name) }));
  }
}

/** A folder and those in it down to a depth, the largest first; a folder follows those in it. A file is alone. */
export function* usageOf(
  tree: SummedTree,
  top: { readonly node: NodeId; readonly path: ByteName },
  maxDepth: number,
): Generator<FolderUsage> {
  yield* below(tree, top.node, top.path, tree.sumsOf(top.node), 0, maxDepth);
}

function* below(tree: SummedTree, node: NodeId, path: ByteName, sums: FolderSums, depth: number, maxDepth: number): Generator<FolderUsage> {
  if (depth < maxDepth) {
    const folders = tree.foldersIn(node).map((folder) => ({ ...folder, sums: tree.sumsOf(folder.node) }));
    folders.sort((a, b) => b.sums.size - a.sums.size);
    for (const folder of folders) yield* below(tree, folder.node, joined(path, folder.name), folder.sums, depth + 1, maxDepth);
  }
  yield { path, depth, ...sums };
}

/** How a folder has changed between two times. */
export interface FolderGrowth {
  readonly path: ByteName;
  readonly depth: number;
  /** Undefined where it was not there, or not in this place. */
  readonly before: FolderSums | undefined;
  readonly now: FolderSums | undefined;
}

/** The folder or file `top` and the folders in it at either time, those that have grown most first; a folder follows those in it. A moved folder is new in one place and gone from the other. */
export function* growthOf(
  before: SummedTree,
  now: SummedTree,
  top: { readonly before: NodeId | undefined; readonly now: NodeId | undefined; readonly path: ByteName },
  maxDepth: number,
): Generator<FolderGrowth> {
  yield* growthBelow(before, now, growth(before, now, { path: top.path, before: top.before, now: top.now }), 0, maxDepth);
}

interface Pair {
  readonly path: ByteName;
  readonly before: NodeId | undefined;
  readonly now: NodeId | undefined;
}

interface Grown extends Pair {
  readonly sums: Pick<FolderGrowth, 'before' | 'now'>;
}

function* growthBelow(before: SummedTree, now: SummedTree, folder: Grown, depth: number, maxDepth: number): Generator<FolderGrowth> {
  if (depth < maxDepth) {
    const pairs = new Map<string, Pair>();
    // What bears a name counts as the same folder, whatever node that was.
    if (folder.before !== undefined)
      for (const { node, name } of before.foldersIn(folder.before))
        pairs.set(name, { path: joined(folder.path, name), before: node, now: undefined });
    if (folder.now !== undefined)
      for (const { node, name } of now.foldersIn(folder.now))
        pairs.set(name, { path: joined(folder.path, name), before: pairs.get(name)?.before, now: node });
    const grown = [...pairs.values()].map((pair) => growth(before, now, pair)).sort((a, b) => growthIn(b) - growthIn(a));
    for (const each of grown) yield* growthBelow(before, now, each, depth + 1, maxDepth);
  }
  yield { path: folder.path, depth, ...folder.sums };
}

function growth(before: SummedTree, now: SummedTree, pair: Pair): Grown {
  return {
    ...pair,
    sums: {
      before: pair.before === undefined ? undefined : before.sumsOf(pair.before),
      now: pair.now === undefined ? undefined : now.sumsOf(pair.now),
    },
  };
}

function growthIn({ sums }: Grown): number {
  return (sums.now?.size ?? 0) - (sums.before?.size ?? 0);
}
