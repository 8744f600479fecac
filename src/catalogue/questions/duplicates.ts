import type { DatabaseSync } from 'node:sqlite';
import type { ByteName } from '../../base/names.ts';
import type { Digest } from '../../hash/types.ts';
import type { NodeId } from '../types.ts';
import { Ancestry } from './ancestry.ts';
import { fileGroups } from './duplicate-files.ts';
import { folderGroups } from './duplicate-folders.ts';
import type { FoundGroup } from './found-group.ts';
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

/**
 * What is there more than once by the digests that are known, the most wasteful first. A group is given as soon as no other can come before it, and its paths are looked up then; folders
 * are all found before. Ask `atOneMoment`.
 */
export function* duplicates(database: DatabaseSync, question: DuplicatesQuestion = {}): Generator<DuplicateGroup> {
  const { minBytes = 1 } = question;
  const tops = question.below?.map((path) => nodeAt(database, path)).filter((node) => node !== undefined);
  if (tops?.length === 0) return;
  const within = tops === undefined ? undefined : new Ancestry(database, new Set(tops));
  const folders = question.folders ? folderGroups(database, minBytes, within && ((node) => within.isBelow(node))) : [];
  const copies = new Ancestry(database, new Set(folders.flatMap(({ nodes }) => nodes.slice(1))));
  const isWanted = (parent: NodeId): boolean => (within?.isBelow(parent) ?? true) && !copies.isBelow(parent);
  const places = new Places(database);
  let found: FoundGroup[] = folders;
  for (const { groups, mostLeft } of fileGroups(database, minBytes, isWanted)) {
    found = [...found, ...groups].sort((a, b) => b.waste - a.waste);
    const later = found.findIndex(({ waste }) => waste < mostLeft);
    const ready = later < 0 ? found : found.slice(0, later);
    found = later < 0 ? [] : found.slice(later);
    yield* shown(ready, places);
  }
  yield* shown(found, places);
}

function* shown(groups: readonly FoundGroup[], places: Places): Generator<DuplicateGroup> {
  places.learnFolders(groups.flatMap((group) => (group.kind === 'file' ? group.parents : [])));
  for (const group of groups) {
    const { kind, digest, size, waste } = group;
    const paths = (
      kind === 'file'
        ? group.parents.map((parent, i) => places.pathIn(parent, group.names[i] as ByteName))
        : group.nodes.map((node) => places.pathOf(node))
    ).filter((path) => path !== undefined);
    yield { kind, digest, size, waste, copies: paths.length, paths };
  }
}
