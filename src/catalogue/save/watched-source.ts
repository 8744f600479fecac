import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../../base/errors.ts';
import { type ByteName, showName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { stateOfStat } from '../look/states.ts';
import { nodeAt, pathBelow } from '../questions/places.ts';
import { IS_WATCHED, NODE_COLUMNS, nameOf, nodeOfRow, type Row, reading } from '../rows.ts';
import type { CatalogueNode, NodeId } from '../types.ts';
import { isSameFile } from '../write/difference.ts';
import { type Doubt, isDoubt, type WatchedSource } from './types.ts';

/** A root, as far as it matters here. */
interface WatchedRoot {
  readonly id: number;
  readonly scanned: string;
  /** Files below. */
  readonly files: number;
}

/** The root that a path lies in, if all of it was compared with the disk and has been watched since. */
export function findRoot(database: DatabaseSync, path: ByteName): WatchedRoot | Doubt {
  const root = innermostRoot(database, path);
  if (root === undefined) return { doubt: 'it lies in no folder that is watched' };
  if (root.recursive !== 1n) return { doubt: 'its folder is watched at its first level alone' };
  if (root.scanned === null) return { doubt: 'its folder has not been scanned yet' };
  const id = Number(root.id);
  if (hasOpenGap(database, id)) return { doubt: 'changes may have been missed, and not everything has been compared since' };
  return { id, scanned: String(root.scanned), files: filesBelow(database, Number(root.node)) };
}

/** The directory in the catalogue, in such a root, if it is the one on disk. To be asked at one moment of the catalogue, up to which everything has been observed. */
export function findWatched(database: DatabaseSync, path: ByteName): WatchedSource | Doubt {
  const root = findRoot(database, path);
  if (isDoubt(root)) return root;
  const id = nodeAt(database, path);
  const row = id === undefined ? undefined : (reading(database, `SELECT ${NODE_COLUMNS} FROM node WHERE id = ?`).get(id) as Row);
  const node = row && nodeOfRow(row);
  if (node?.kind !== 'directory') return { doubt: 'the catalogue knows no such folder' };
  if (!isOnDisk(path, node)) return { doubt: 'another folder stands there than the catalogue knows' };
  const { device, inode, born } = node;
  return {
    path,
    node: node.id,
    root: root.id,
    scanned: root.scanned,
    identity: `${device}:${inode}:${born}:${node.id}`,
    files: filesBelow(database, node.id),
  };
}

function innermostRoot(database: DatabaseSync, path: ByteName): Row | undefined {
  const roots = reading(
    database,
    `SELECT id, node, path, recursive, scanned FROM root WHERE ${IS_WATCHED} ORDER BY length(path) DESC`,
  ).all() as Row[];
  return roots.find((root) => pathBelow(nameOf(root.path), path) !== undefined);
}

function hasOpenGap(database: DatabaseSync, root: number): boolean {
  return database.prepare('SELECT 1 FROM gap WHERE root = ? AND closed IS NULL').get(root) !== undefined;
}

function filesBelow(database: DatabaseSync, directory: NodeId): number {
  return Number(database.prepare('SELECT files FROM directory WHERE node = ?').get(directory)?.files ?? 0);
}

function isOnDisk(path: ByteName, node: CatalogueNode): boolean {
  const stat = new Stat();
  try {
    using directory = system().openDirectory(path);
    const state = directory.stat('.' as ByteName, stat) ? stateOfStat(stat) : undefined;
    return state !== undefined && isSameFile(state, node);
  } catch (error) {
    if (error instanceof VarveError) return false;
    throw error;
  }
}

/** That nobody watches a part of the source, where `isLeftOut` does not say that it is not saved anyway. `unwatched` are such folders. */
export function doubtOfUnwatched(
  source: ByteName,
  unwatched: readonly ByteName[],
  isLeftOut: (path: ByteName) => boolean,
): Doubt | undefined {
  for (const path of unwatched) {
    if (pathBelow(path, source) !== undefined) return { doubt: `${showName(path)} is not watched` };
    const below = pathBelow(source, path);
    if (below !== undefined && !isLeftOut(below)) return { doubt: `${showName(path)} lies in it, and is not watched` };
  }
  return undefined;
}
