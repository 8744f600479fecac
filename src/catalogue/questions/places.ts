import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameToBytes } from '../../base/names.ts';
import { joined } from '../look/paths.ts';
import { IS_WATCHED } from '../rows.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';
import { nameOfBlob, nameOfText } from './fold.ts';

/** Bounds the memory that paths take: some 2 MB. */
const MAX_CACHED = 16_384;
/** Deeper than this is a circle in a damaged catalogue. */
const MAX_DEPTH = 65_536;

type Place = readonly [parent: NodeId, name: ByteName];

/** Where nodes are: paths of directories, found upward and remembered. For one moment of the catalogue, as in `atOneMoment`. */
export class Places {
  readonly #row: StatementSync;
  readonly #rows: StatementSync;
  /** Places of folders that are known from a look at many. */
  readonly #near = new Map<NodeId, Place>();
  readonly #paths = new Map<NodeId, ByteName>();

  constructor(database: DatabaseSync) {
    this.#row = database.prepare('SELECT parent, name FROM node WHERE id = ?');
    this.#row.setReturnArrays(true);
    this.#rows = database.prepare(
      'SELECT node.id, node.parent, CAST(node.name AS TEXT) FROM json_each(?) AS wanted CROSS JOIN node ON node.id = wanted.value',
    );
    this.#rows.setReturnArrays(true);
  }

  /** Has the paths of many folders ready for what is asked next: looked up together, which takes a fifth of the time that one by one does. */
  learnFolders(folders: readonly NodeId[]): void {
    this.#near.clear();
    for (let above = this.#unknown(folders); above.length > 0; ) {
      const parents: NodeId[] = [];
      for (const row of this.#rows.all(JSON.stringify(above)) as unknown as [NodeId, NodeId, string][]) {
        const [node, parent, text] = row;
        this.#near.set(node, [parent, nameOfText(text, () => (this.#row.get(node) as unknown as [NodeId, Uint8Array])[1])]);
        parents.push(parent);
      }
      above = this.#unknown(parents);
    }
  }

  /** In order, since neighbours are found sooner. */
  #unknown(folders: readonly NodeId[]): NodeId[] {
    const unknown = new Set<NodeId>();
    for (const folder of folders) if (folder !== NO_DIRECTORY && !this.#paths.has(folder) && !this.#near.has(folder)) unknown.add(folder);
    return [...unknown].sort((a, b) => a - b);
  }

  /** Undefined when that node, or one above it, is no more. */
  pathOf(node: NodeId): ByteName | undefined {
    const [parent, name] = this.#placeOf(node) ?? [];
    return parent === undefined || name === undefined ? undefined : this.pathIn(parent, name);
  }

  /** The path of what has that name in a folder. */
  pathIn(parent: NodeId, name: ByteName): ByteName | undefined {
    if (parent === NO_DIRECTORY) return name;
    const folder = this.folderPath(parent);
    return folder === undefined ? undefined : joined(folder, name);
  }

  /** The same for a folder, which is remembered with all that it is in. */
  folderPath(folder: NodeId): ByteName | undefined {
    const known = this.#paths.get(folder);
    if (known !== undefined) return known;
    const way: { readonly node: NodeId; readonly name: ByteName }[] = [];
    let path: ByteName | undefined;
    for (let at = folder; path === undefined; ) {
      const [parent, name] = this.#placeOf(at) ?? [];
      if (parent === undefined || name === undefined || way.length > MAX_DEPTH) return undefined;
      if (parent === NO_DIRECTORY) path = name;
      else {
        way.push({ node: at, name });
        path = this.#paths.get(parent);
        at = parent;
      }
    }
    for (const { node, name } of way.reverse()) {
      path = joined(path, name);
      this.remember(node, path);
    }
    return path;
  }

  /** Takes over the path of a folder that somebody else has found out. */
  remember(node: NodeId, path: ByteName): void {
    if (this.#paths.size >= MAX_CACHED) this.#paths.clear();
    this.#paths.set(node, path);
  }

  #placeOf(node: NodeId): Place | undefined {
    const near = this.#near.get(node);
    if (near !== undefined) return near;
    const row = this.#row.get(node) as unknown as [NodeId, Uint8Array] | undefined;
    return row === undefined ? undefined : [row[0], nameOfBlob(row[1])];
  }
}

/** The node at an absolute path; undefined where the catalogue has none. Of roots in one another the innermost counts that knows the path. */
export function nodeAt(database: DatabaseSync, path: ByteName): NodeId | undefined {
  const roots = database.prepare(`SELECT node, path FROM root WHERE ${IS_WATCHED} ORDER BY length(path) DESC`).all();
  const child = database.prepare('SELECT id FROM node WHERE parent = ? AND name = ?');
  for (const root of roots) {
    const rest = pathBelow(nameOfBlob(root.path), path);
    if (rest === undefined) continue;
    let node = root.node as NodeId | undefined;
    for (const name of rest.split('/').filter((part) => part !== '')) {
      if (node !== undefined) node = child.get(node, nameToBytes(name as ByteName))?.id as NodeId | undefined;
    }
    if (node !== undefined) return node;
  }
  return undefined;
}

/** The rest of `path` below `folder`, empty for the folder itself; undefined when it is elsewhere. */
export function pathBelow(folder: ByteName, path: ByteName): ByteName | undefined {
  if (path === folder) return '' as ByteName;
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(start) ? (path.slice(start.length) as ByteName) : undefined;
}
