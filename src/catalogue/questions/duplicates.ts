import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { NodeId } from '../types.ts';
import { type FolderGroup, folderGroups } from './duplicate-folders.ts';
import { DIRECTORY_TYPE, FILE_TYPE } from './entry-types.ts';
import { nodeAt, Places } from './places.ts';

export interface DuplicatesQuestion {
  /** Of one copy; 1 when left out, so that empty files are no duplicates. */
  readonly minBytes?: number;
  /** Absolute paths: only what lies below these. Everything when left out. */
  readonly below?: readonly ByteName[];
  /** Find identical folders too; files in all but the first of them are left out then. */
  readonly folders?: boolean;
}

export interface DuplicateGroup {
  readonly kind: 'file' | 'directory';
  /** Of a folder the digest of the catalogue, which is none of an algorithm. */
  readonly digest: Digest | Uint8Array;
  /** Of one copy. */
  readonly size: number;
  /** How often the content is there; several links to one file are one copy. */
  readonly copies: number;
  /** What all copies but one take. */
  readonly waste: number;
  /** One for each copy. */
  readonly paths: readonly ByteName[];
}

interface FileGroup {
  readonly digest: Digest;
  readonly size: number;
  readonly waste: number;
  readonly nodes: readonly NodeId[];
}

/**
 * What is there more than once by the digests that are known, the most wasteful first. All groups are found before the first is given; their paths are looked up
 * one by one. Ask `atOneMoment`.
 */
export function* duplicates(database: DatabaseSync, question: DuplicatesQuestion = {}): Generator<DuplicateGroup> {
  const { minBytes = 1 } = question;
  const tops = question.below?.map((path) => nodeAt(database, path)).filter((node) => node !== undefined);
  if (tops?.length === 0) return;
  const within = tops === undefined ? undefined : new Ancestry(database, new Set(tops));
  const folders = question.folders ? folderGroups(database, minBytes, within && ((node) => within.isBelow(node))) : [];
  const copies = new Ancestry(database, new Set(folders.flatMap(({ nodes }) => nodes.slice(1))));
  const files = fileGroups(database, minBytes, (parent) => (within?.isBelow(parent) ?? true) && !copies.isBelow(parent));
  const groups: (FileGroup | FolderGroup)[] = [...folders, ...files].sort((a, b) => b.waste - a.waste);
  const places = new Places(database);
  for (const { digest, size, waste, nodes, ...rest } of groups) {
    const paths = nodes.map((node) => places.pathOf(node)).filter((path) => path !== undefined);
    yield { kind: 'isFolder' in rest ? 'directory' : 'file', digest, size, copies: paths.length, waste, paths };
  }
}

function fileGroups(database: DatabaseSync, minBytes: number, accepts: (parent: NodeId) => boolean): FileGroup[] {
  // The index of digests alone tells which are there several times; rows are looked at for those.
  const several = database.prepare(
    'SELECT digest FROM node INDEXED BY node_digest WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1',
  );
  const members = database.prepare(
    `SELECT id, parent, size, device, CAST(inode AS TEXT) AS inode FROM node WHERE digest = ? AND kind = ${FILE_TYPE} ORDER BY id`,
  );
  const groups: FileGroup[] = [];
  for (const { digest } of several.iterate()) {
    const rows = members.all(digest as Uint8Array);
    const size = rows[0]?.size as number | undefined;
    if (size === undefined || size < minBytes) continue;
    const files = new Map<string, NodeId>();
    for (const { id, parent, device, inode } of rows) {
      const file = `${device} ${inode}`;
      if (!files.has(file) && accepts(parent as NodeId)) files.set(file, id as NodeId);
    }
    if (files.size > 1) groups.push({ digest: digest as Digest, size, waste: size * (files.size - 1), nodes: [...files.values()] });
  }
  return groups;
}

/** Whether nodes lie below, or are, one of some folders; asked upward once for each folder. */
class Ancestry {
  readonly #known = new Map<NodeId, boolean>();
  readonly #isAny: boolean;
  readonly #parent;

  constructor(database: DatabaseSync, folders: ReadonlySet<NodeId>) {
    for (const folder of folders) this.#known.set(folder, true);
    this.#isAny = folders.size > 0;
    this.#parent = database.prepare(`SELECT parent FROM node WHERE id = ? AND kind = ${DIRECTORY_TYPE}`);
  }

  isBelow(node: NodeId): boolean {
    if (!this.#isAny) return false;
    const way: NodeId[] = [];
    let found: boolean | undefined;
    for (let at = node; found === undefined; ) {
      found = this.#known.get(at);
      if (found !== undefined) break;
      way.push(at);
      const parent = this.#parent.get(at)?.parent as NodeId | undefined;
      if (parent === undefined || parent <= 0) found = false;
      else at = parent;
    }
    for (const each of way) this.#known.set(each, found);
    return found;
  }
}
