import type { DatabaseSync } from 'node:sqlite';
import type { NodeId } from '../types.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import type { FolderGroup } from './found-group.ts';

interface Member {
  readonly node: NodeId;
  readonly parent: NodeId;
}

/**
 * Folders with the same names and contents all the way down, every file of which is hashed. Only the outermost: what lies in a further copy of a folder is no
 * group of its own. Folders whose files are all links to each other waste nothing and are left out.
 */
export function folderGroups(database: DatabaseSync, minBytes: number, accepts: ((node: NodeId) => boolean) | undefined): FolderGroup[] {
  const alike = database
    .prepare(
      `SELECT digest, CAST(size AS REAL) AS size, files, directories FROM directory WHERE unhashed = 0 AND files > 0 AND size >= ?
       GROUP BY digest, directory.size, files, directories HAVING count(*) > 1 ORDER BY directory.size DESC, files DESC, directories DESC`,
    )
    .all(minBytes);
  const wanted = new Map(alike.map((row) => [keyOf(row), [] as Member[]]));
  const rows = database.prepare(
    `SELECT directory.node, node.parent, directory.digest, CAST(directory.size AS REAL) AS size, files, directories FROM directory CROSS JOIN node ON node.id = directory.node
     WHERE unhashed = 0 AND files > 0 AND directory.size >= ? ORDER BY directory.node`,
  );
  for (const row of rows.iterate(minBytes)) {
    if (accepts?.(row.node as NodeId) ?? true) wanted.get(keyOf(row))?.push({ node: row.node as NodeId, parent: row.parent as NodeId });
  }
  const groups: FolderGroup[] = [];
  // Outer folders hold at least as much as those in them, so they come first.
  const inside = new Inside(database);
  for (const row of alike) {
    const members = (wanted.get(keyOf(row)) ?? []).filter(({ parent }) => !inside.isInCopy(parent));
    if (members.length < 2) continue;
    const nodes = members.map(({ node }) => node);
    const waste = bytesOf(database, nodes) - bytesOf(database, nodes.slice(0, 1));
    inside.addCopies(nodes.slice(1));
    if (waste > 0) groups.push({ kind: 'directory', digest: row.digest as Uint8Array, size: row.size as number, waste, nodes });
  }
  return groups;
}

/** Knows which folders are in, or are, a further copy of a group. */
class Inside {
  readonly #copies = new Set<NodeId>();
  readonly #parent;

  constructor(database: DatabaseSync) {
    this.#parent = database.prepare('SELECT parent FROM node WHERE id = ?');
  }

  addCopies(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#copies.add(node);
  }

  isInCopy(node: NodeId): boolean {
    for (let at: NodeId | undefined = node; at !== undefined && at > 0; at = this.#parent.get(at)?.parent as NodeId | undefined)
      if (this.#copies.has(at)) return true;
    return false;
  }
}

/** Bytes of all files below folders, each file once however many links it has. */
function bytesOf(database: DatabaseSync, folders: readonly NodeId[]): number {
  const row = database
    .prepare(
      `WITH RECURSIVE below (id) AS (
         SELECT value FROM json_each(?)
         UNION ALL
         SELECT node.id FROM below CROSS JOIN node ON node.parent = below.id AND node.kind = ${DIRECTORY_TYPE}
       )
       SELECT total(size) AS bytes FROM (
         SELECT DISTINCT device, inode, size FROM below CROSS JOIN node ON node.parent = below.id WHERE kind = ${FILE_TYPE}
       )`,
    )
    .get(JSON.stringify(folders));
  return (row?.bytes ?? 0) as number;
}

function keyOf({ digest, size, files, directories }: Record<string, unknown>): string {
  return `${Buffer.from(digest as Uint8Array).toString('latin1')} ${size} ${files} ${directories}`;
}
