import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type ByteName, nameFromBytes, nameToBytes } from '../../base/names.ts';
import { IS_WATCHED } from '../rows.ts';
import { NO_DIRECTORY, type NodeId } from '../types.ts';

const REMEMBERED = 50_000;

/** Paths of nodes and nodes of paths (C3), through a bounded memory of directories. */
export class Paths {
  readonly #place: StatementSync;
  readonly #child: StatementSync;
  readonly #roots: StatementSync;
  readonly #directories = new Map<NodeId, ByteName>();

  constructor(database: DatabaseSync) {
    this.#place = database.prepare('SELECT parent, name FROM node WHERE id = ?');
    this.#child = database.prepare('SELECT id FROM node WHERE parent = ? AND name = ?');
    this.#roots = database.prepare(`SELECT path, node FROM root WHERE ${IS_WATCHED}`);
  }

  /** The path that the catalogue knows; undefined when the node is gone or in limbo. */
  of(id: NodeId): ByteName | undefined {
    const known = this.#directories.get(id);
    if (known !== undefined) return known;
    const row = this.#place.get(id) as { parent: number; name: Uint8Array } | undefined;
    if (row === undefined || row.parent < NO_DIRECTORY) return undefined;
    const name = nameFromBytes(row.name);
    if (row.parent === NO_DIRECTORY) return name;
    const parent = this.ofDirectory(row.parent);
    return parent === undefined ? undefined : joined(parent, name);
  }

  /** The same, remembered. */
  ofDirectory(id: NodeId): ByteName | undefined {
    const path = this.of(id);
    if (path !== undefined) {
      if (this.#directories.size >= REMEMBERED) this.#directories.clear();
      this.#directories.set(id, path);
    }
    return path;
  }

  /** To be called when a directory has another place: everything below it has another path. */
  forget(): void {
    this.#directories.clear();
  }

  /** The node at an absolute path, and if there is none, the last one on the way and the names behind it. Undefined outside of all roots. */
  find(path: ByteName): { readonly id: NodeId; readonly rest: readonly ByteName[] } | undefined {
    let best: { path: ByteName; node: NodeId } | undefined;
    for (const row of this.#roots.iterate() as Iterable<{ path: Uint8Array; node: number }>) {
      const root = nameFromBytes(row.path);
      if (isBelow(path, root) && (best === undefined || root.length > best.path.length)) best = { path: root, node: row.node };
    }
    if (best === undefined) return undefined;
    const names = path
      .slice(best.path.length)
      .split('/')
      .filter((name) => name !== '') as ByteName[];
    let id = best.node;
    for (const [at, name] of names.entries()) {
      const child = this.#child.get(id, nameToBytes(name)) as { id: number } | undefined;
      if (child === undefined) return { id, rest: names.slice(at) };
      id = child.id;
    }
    return { id, rest: [] };
  }
}

/** A name in a directory, as a path. */
export function joined(directory: ByteName, name: ByteName): ByteName {
  return (directory.endsWith('/') ? directory + name : `${directory}/${name}`) as ByteName;
}

/** Whether a path is that directory or lies below it. */
export function isBelow(path: ByteName, directory: ByteName): boolean {
  return path === directory || directory === '/' || (path.startsWith(directory) && path[directory.length] === '/');
}
