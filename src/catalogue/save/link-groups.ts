import type { DatabaseSync } from 'node:sqlite';
import { VarveError } from '../../base/errors.ts';
import type { ByteName } from '../../base/names.ts';
import { Stat } from '../../sys/stat.ts';
import { system } from '../../sys/system.ts';
import { stateOfStat } from '../look/states.ts';
import { type Places, pathBelow } from '../questions/places.ts';
import { NODE_COLUMNS, nodeOfRow, type Row, reading } from '../rows.ts';
import type { CatalogueNode, NodeId, NodeState } from '../types.ts';
import { differs, isSameFile } from '../write/difference.ts';

/** What has changed, of files with several links. */
export interface ChangedLinks {
  readonly inodes: ReadonlySet<bigint>;
  /** All that is below these. */
  readonly directories: ReadonlySet<NodeId>;
}

/**
 * The paths of all links in the source of files of which any link is among what has changed, wherever that is: what a tree says of one link depends on where the others are. And of
 * those that are not what the catalogue says: the kernel tells of a change under the name by which it was made, and that may lie where nobody watches. So one link of each file is
 * looked at.
 */
export function linksToLookAt(database: DatabaseSync, source: ByteName, places: Places, changed: ChangedLinks): ByteName[] {
  const above = new Above(database, changed.directories);
  const found: ByteName[] = [];
  const unsure: Group[] = [];
  for (const nodes of groupsOf(database)) {
    const paths = nodes.flatMap((node) => {
      const path = places.pathOf(node.id);
      return path !== undefined && pathBelow(source, path) !== undefined ? [path] : [];
    });
    const [first] = paths;
    if (first === undefined) continue;
    const isChanged = nodes.some(({ inode, parent }) => changed.inodes.has(inode) || above.isIn(parent));
    if (isChanged) found.push(...paths);
    else unsure.push({ first, paths, nodes });
  }
  found.push(...changedOnDisk(unsure));
  return found;
}

/** The links of one file. */
interface Group {
  readonly first: ByteName;
  readonly paths: readonly ByteName[];
  readonly nodes: readonly CatalogueNode[];
}

function* groupsOf(database: DatabaseSync): Generator<CatalogueNode[]> {
  const linked = reading(
    database,
    `SELECT ${NODE_COLUMNS} FROM node INDEXED BY node_linked WHERE links > 1 AND kind <> 4 ORDER BY inode, device, born`,
  );
  let group: CatalogueNode[] = [];
  for (const row of linked.iterate() as Iterable<Row>) {
    const node = nodeOfRow(row);
    if (group[0] !== undefined && !isSameFile(group[0], node)) {
      yield group;
      group = [];
    }
    group.push(node);
  }
  if (group.length > 0) yield group;
}

/** Directory by directory, each of which is opened once. */
function* changedOnDisk(groups: Group[]): Generator<ByteName> {
  const byFolder = Map.groupBy(groups, ({ first }) => first.slice(0, first.lastIndexOf('/') + 1) as ByteName);
  const stat = new Stat();
  for (const [folder, inFolder] of byFolder) {
    try {
      using directory = system().openDirectory(folder);
      for (const group of inFolder) {
        const state = directory.stat(group.first.slice(folder.length) as ByteName, stat) ? stateOfStat(stat) : undefined;
        const isAsKnown = state !== undefined && group.nodes.every((node) => isAs(node, state));
        if (!isAsKnown) yield* group.paths;
      }
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      // Why it cannot be looked at is told by the save.
      for (const { paths } of inFolder) yield* paths;
    }
  }
}

/** Disk usage does not count: it comes to be when a file's blocks are written out, long after its last change. */
function isAs(node: CatalogueNode, found: NodeState): boolean {
  return isSameFile(node, found) && !differs(node, { ...found, disk: node.disk });
}

/** Which directories are among others, or below them. */
class Above {
  readonly #parent;
  readonly #known = new Map<NodeId, boolean>();

  constructor(database: DatabaseSync, directories: ReadonlySet<NodeId>) {
    this.#parent = database.prepare('SELECT parent FROM node WHERE id = ?');
    for (const id of directories) this.#known.set(id, true);
  }

  isIn(directory: NodeId): boolean {
    const way: NodeId[] = [];
    let isIn: boolean | undefined;
    for (let at = directory; isIn === undefined; ) {
      isIn = at <= 0 ? false : this.#known.get(at);
      way.push(at);
      at = Number(this.#parent.get(at)?.parent ?? 0);
      // In a circle of a damaged catalogue, nobody is in anything.
      if (way.length > MAX_DEPTH) isIn = false;
    }
    for (const id of way) this.#known.set(id, isIn);
    return isIn;
  }
}

const MAX_DEPTH = 65_536;
