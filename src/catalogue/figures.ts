import type { DatabaseSync } from 'node:sqlite';
import { type ByteName, nameFromBytes } from '../base/names.ts';
import { atOneMoment } from './database.ts';
import { IS_WATCHED } from './rows.ts';

/** What the catalogue says of a root. */
export interface RootFigures {
  readonly path: ByteName;
  /** Files and directories, the root itself included. */
  readonly nodes: number;
  /** Files whose digest is known, and those whose is not. */
  readonly hashed: number;
  readonly unhashed: number;
  /** Files whose content is in the store. */
  readonly kept: number;
  /** Sizes of all files. */
  readonly bytes: number;
  /** Gaps that are open. */
  readonly gaps: number;
  /** Whether its first scan came to its end. */
  readonly isScanned: boolean;
}

/** The figures of every root, in the order of their paths, at one moment. Counting what is kept takes about half a second a million files. */
export function figuresOf(database: DatabaseSync): RootFigures[] {
  return atOneMoment(database, () => {
    const roots = database
      .prepare(`SELECT root.id, root.node, path, CAST(size AS REAL) AS size, files, directories, unhashed, scanned IS NOT NULL AS isScanned,
        (SELECT count(*) FROM gap WHERE gap.root = root.id AND closed IS NULL) AS gaps
        FROM root JOIN directory ON directory.node = root.node WHERE ${IS_WATCHED} ORDER BY path`)
      .all() as unknown as RootRow[];
    return roots.map((root) => ({
      path: nameFromBytes(root.path),
      nodes: root.files + root.directories + 1,
      hashed: filesOf(database, root, roots.length) - root.unhashed,
      unhashed: root.unhashed,
      kept: keptOf(database, root.node, roots.length),
      bytes: root.size,
      gaps: root.gaps,
      isScanned: root.isScanned === 1,
    }));
  });
}

interface RootRow {
  readonly id: number;
  readonly node: number;
  readonly path: Uint8Array;
  readonly size: number;
  readonly files: number;
  readonly directories: number;
  readonly unhashed: number;
  readonly isScanned: number;
  readonly gaps: number;
}

/** The paths of the roots that are watched. */
export function rootPathsOf(database: DatabaseSync): ByteName[] {
  return pathsOfRoots(database, IS_WATCHED);
}

/** The paths of the roots that are or were watched. */
export function everRootPathsOf(database: DatabaseSync): ByteName[] {
  return pathsOfRoots(database, 'TRUE');
}

function pathsOfRoots(database: DatabaseSync, condition: string): ByteName[] {
  const rows = database.prepare(`SELECT path FROM root WHERE ${condition} ORDER BY path`).all();
  return rows.map(({ path }) => nameFromBytes(path as Uint8Array));
}

const BELOW = `WITH RECURSIVE below(id) AS (SELECT ? UNION ALL SELECT node.id FROM node JOIN below ON node.parent = below.id WHERE node.kind = 4)`;
const IS_KEPT = 'kind = 8 AND digest IS NOT NULL AND EXISTS (SELECT 1 FROM content WHERE content.digest = node.digest)';

/** Plain files alone: sums count links and special files too, which have no content to be hashed. */
function filesOf(database: DatabaseSync, { node, files }: RootRow, roots: number): number {
  const others =
    roots === 1
      ? database.prepare('SELECT count(*) AS count FROM node WHERE kind NOT IN (4, 8)').get()
      : database
          .prepare(`${BELOW} SELECT count(*) AS count FROM node JOIN below ON node.parent = below.id WHERE kind NOT IN (4, 8)`)
          .get(node);
  return files - Number(others?.count);
}

function keptOf(database: DatabaseSync, root: number, roots: number): number {
  const kept =
    roots === 1
      ? database.prepare(`SELECT count(*) AS count FROM node WHERE ${IS_KEPT}`).get()
      : database.prepare(`${BELOW} SELECT count(*) AS count FROM node JOIN below ON node.parent = below.id WHERE ${IS_KEPT}`).get(root);
  return Number(kept?.count);
}
